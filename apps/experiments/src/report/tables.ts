/** The tables of a report as data, from which Markdown and HTML are drawn. */
import type { Experiment } from "../experiment.ts";
import type { PublishedTable } from "../published/published-table.ts";
import { STAGE } from "../recipes/settings.ts";
import type { ExperimentResult } from "../results/result.ts";
import { collectionsOf, collectionsOnAxis, difference, measured, SIGNIFICANT, stagesOf } from "./comparison.ts";

/** A table whose first column is text. */
export interface Table {
  title: string;
  columns: string[];
  rows: { name: string; cells: TableCell[] }[];
  note?: string;
}

/** A number as it is printed, and whether it is the best of its column. */
export interface TableCell {
  text: string;
  best?: boolean;
}

/** Our numbers: a table for each stage and measure, or one for all measures where a stage has one collection. */
export function ownTables(experiment: Experiment, result: ExperimentResult): Table[] {
  if (experiment.axis) return axisTables(experiment, experiment.axis, result);
  const stages = stagesOf(result);
  const systems = [...new Set(result.cells.map(({ system }) => system))];
  const lonely = systems.filter((system) =>
    result.cells.some((cell) => cell.system === system && cell.stage !== STAGE.any),
  );
  if (lonely.length === 1 && stages.length > 1) return [stageTable(experiment, result, lonely[0]!)];
  return stages.flatMap((stage) => {
    const collections = collectionsOf(result, stage);
    const systemsHere = systems.filter((system) =>
      collections.some((collection) => has(result, system, stage, collection)),
    );
    const columnsOf = (measures: readonly string[]): Column[] =>
      collections.flatMap((collection) => measures.map((measure) => ({ collection, measure })));
    const groups = collections.length === 1 ? [experiment.measures] : experiment.measures.map((measure) => [measure]);
    return groups.map((measures) =>
      table(experiment, result, {
        title: collections.length === 1 ? `${stage}: ${collections[0]}` : `${stage}: ${measures[0]}`,
        columns: columnsOf(measures),
        heads: collections.length === 1 ? measures : collections,
        rows: systemsHere.map((system) => ({ name: system, system, stage })),
      }),
    );
  });
}

interface Column {
  collection: string;
  measure: string;
  /** Where columns are stages. */
  stage?: string;
}

/** Systems along an axis: a table for each collection and measure. */
function axisTables(experiment: Experiment, axis: NonNullable<Experiment["axis"]>, result: ExperimentResult): Table[] {
  const systems = [...new Set(result.cells.map(({ system }) => system))];
  return collectionsOnAxis(result, axis).flatMap((collection) =>
    experiment.measures.map((measure) =>
      table(experiment, result, {
        title: `${collection}: ${measure}, by ${axis.title}`,
        columns: axis.stages.map((stage) => ({ collection, measure, stage })),
        heads: axis.stages,
        rows: systems.map((system) => ({ name: system, system, stage: STAGE.any })),
      }),
    ),
  );
}

/** One system through its stages. */
function stageTable(experiment: Experiment, result: ExperimentResult, system: string): Table {
  const stages = stagesOf(result);
  const collections = [...new Set(stages.flatMap((stage) => collectionsOf(result, stage)))];
  const columns = collections.flatMap((collection) => experiment.measures.map((measure) => ({ collection, measure })));
  const always = [...new Set(result.cells.filter(({ stage }) => stage === STAGE.any).map((cell) => cell.system))];
  return table(experiment, result, {
    title: `${system}, stage by stage`,
    columns,
    heads: columns.map(({ collection, measure }) => (collections.length === 1 ? measure : `${collection} ${measure}`)),
    rows: [
      ...always.map((name) => ({ name, system: name, stage: STAGE.any as string })),
      ...stages.map((stage) => ({ name: `${system}, ${stage}`, system, stage })),
    ],
    ...(collections.length === 1 && { note: `On ${collections[0]}.` }),
  });
}

interface Layout {
  title: string;
  columns: readonly Column[];
  heads: readonly string[];
  rows: readonly { name: string; system: string; stage: string }[];
  note?: string;
}

function table(
  { baselines }: Experiment,
  result: ExperimentResult,
  { title, columns, heads, rows, note }: Layout,
): Table {
  const values = rows.map((row) => columns.map((column) => measured(result, { ...row, ...column }, column)));
  const best = columns.map((_, i) => Math.max(...values.map((line) => line[i]?.mean ?? Number.NEGATIVE_INFINITY)));
  const marksOf = (row: (typeof rows)[number], i: number, line: (typeof values)[number]): string =>
    baselines
      .filter(({ system }) => system !== row.system)
      .filter(({ system }) => {
        const baseline = measured(result, { stage: row.stage, ...columns[i]!, system }, columns[i]!);
        const found = difference(line[i], baseline);
        return found !== undefined && found.difference > 0 && found.p < SIGNIFICANT;
      })
      .map(({ mark }) => mark)
      .join("");
  return {
    title,
    columns: [...heads],
    rows: rows.map((row, r) => ({
      name: row.name,
      cells: columns.map((_, i) => {
        const value = values[r]![i];
        if (!value) return { text: "" };
        return {
          text: value.mean.toFixed(3) + marksOf(row, i, values[r]!),
          best: rows.length > 1 && value.mean === best[i],
        };
      }),
    })),
    ...(note !== undefined && { note }),
  };
}

const has = ({ cells }: ExperimentResult, system: string, stage: string, collection: string): boolean =>
  cells.some(
    (cell) =>
      cell.system === system && cell.collection === collection && (cell.stage === stage || cell.stage === STAGE.any),
  );

/** What the marks mean. */
export const legend = ({ baselines }: Experiment): string =>
  baselines.length === 0
    ? ""
    : `${baselines.map(({ system, mark }) => `${mark} better than ${system}`).join(", ")}: two-tailed paired t-test over the queries, p < ${SIGNIFICANT}, not corrected for several comparisons. Bold: the best of a column.`;

/** A table of the thesis, with its own marks. */
export const publishedTable = ({ title, columns, rows, source, note }: PublishedTable): Table => ({
  title: `Thesis: ${title}`,
  columns: [...columns],
  rows: rows.map(({ system, values, marks }) => ({
    name: system,
    cells: values.map((value, i) => ({ text: value === null ? "–" : value.toFixed(3) + (marks?.[i] ?? "") })),
  })),
  note: [note, `Source: ${source}.`].filter(Boolean).join(" "),
});
