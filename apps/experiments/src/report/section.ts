/** An experiment's part of the report, before it is Markdown or HTML. */
import { type Experiment, NO_SEED } from "../experiment.ts";
import type { ExperimentResult } from "../results/result.ts";
import { axisCharts } from "./axis-charts.ts";
import { type Judged, judged } from "./expectations.ts";
import type { Figures } from "./figure.ts";
import { legend, ownTables, publishedTable, type Table } from "./tables.ts";

/** What one experiment shows. */
export interface Section {
  experiment: Experiment;
  /** Undefined where it was not run. */
  result: ExperimentResult | undefined;
  tables: Table[];
  legend: string;
  published: Table[];
  claims: Judged[];
  figures: Figures;
  /** Where, when, with what seeds, and how long. */
  facts: [name: string, value: string][];
  losses: Table | undefined;
}

/** Builds it from the row and its results. */
export function sectionOf(experiment: Experiment, result: ExperimentResult | undefined): Section {
  const published = experiment.published.map(publishedTable);
  if (!result)
    return {
      ...{ experiment, result, published, legend: "", tables: [], facts: [], losses: undefined },
      claims: [],
      figures: { charts: [], tables: [] },
    };
  return {
    ...{ experiment, result, published },
    tables: ownTables(experiment, result),
    legend: result.cells.length > 0 ? legend(experiment) : "",
    claims: judged(experiment, result),
    figures: figuresOf(experiment, result),
    facts: factsOf(result),
    losses: lossTable(result),
  };
}

function figuresOf(experiment: Experiment, result: ExperimentResult): Figures {
  const { charts, tables } = experiment.draw?.(result.findings, result) ?? { charts: [], tables: [] };
  return { charts: [...axisCharts(experiment, result), ...charts], tables };
}

const TRAININGS = [
  ...["vocabulary", "pretrain", "finetune", "finetune-cross-encoder", "finetune-interaction"],
  ...["cross-validate", "cross-validate-interaction"],
];

function factsOf(result: ExperimentResult): [string, string][] {
  const named = [...result.cells, ...result.findings];
  const seeds = [...new Set(named.map(({ seed }) => seed))].filter((seed) => seed !== NO_SEED);
  const steps = Object.values(result.steps);
  const minutes = (wanted: (kind: string) => boolean) => {
    const seconds = steps.filter(({ kind }) => wanted(kind)).reduce((sum, step) => sum + step.seconds, 0);
    return `${(seconds / 60).toFixed(0)} min`;
  };
  const environments = result.environments.map(
    ({ date, machine }) => `${date} on ${machine.processor}, ${machine.threads} of ${machine.cores} threads`,
  );
  return [
    ["scale", result.scale],
    ["seeds", seeds.join(", ")],
    ["made", environments.join("; ")],
    ["versions", versionsOf(result)],
    ["trainings", minutes((kind) => TRAININGS.includes(kind))],
    ["encoding, search and the rest", minutes((kind) => !TRAININGS.includes(kind))],
  ];
}

function versionsOf({ environments }: ExperimentResult): string {
  const last = environments.at(-1)?.versions ?? {};
  return Object.entries(last)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

/** First and last points of the loss curves, for where no picture can stand. */
function lossTable({ curves }: ExperimentResult): Table | undefined {
  if (curves.length === 0) return undefined;
  return {
    title: "Loss, the first and the last mean",
    columns: ["stage", "first", "last"],
    rows: curves.map(({ system, stage, seed, parts }) => {
      const points = parts.loss ?? [];
      const of = (point: [number, number] | undefined) => (point ? point[1].toFixed(3) : "");
      return {
        name: `${system}, seed ${seed}`,
        cells: [{ text: stage }, { text: of(points[0]) }, { text: of(points.at(-1)) }],
      };
    }),
  };
}

/** Names of the experiments that there are no results of. */
export const notRun = (sections: readonly Section[]): string[] =>
  sections.filter(({ result }) => !result).map(({ experiment }) => experiment.name);
