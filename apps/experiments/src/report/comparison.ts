/** Numbers of the results, over seeds, and the paired tests between them. */
import { pairedTTest } from "@propria/metrics";
import { STAGE } from "../recipes/settings.ts";
import type { CellResult, ExperimentResult } from "../results/result.ts";
import { PER_QUERY_UNIT } from "../results/result.ts";

/** A system at a stage. */
export interface Contender {
  system: string;
  stage: string;
}

/** A system's values on a collection, the mean over the seeds. */
export interface Measured {
  mean: number;
  perQuery: number[];
  /** Two can be paired where this is equal. */
  queries: string;
  seeds: number;
}

/** A difference, with its two-tailed paired t-test over the queries. */
export interface Difference {
  better: number;
  worse: number;
  difference: number;
  p: number;
}

/** What counts as significant, as in the thesis. */
export const SIGNIFICANT = 0.05;

/** The cells of a system at a stage on a collection; what belongs to every stage is found under each. */
const cellsOf = ({ cells }: ExperimentResult, { system, stage }: Contender, collection: string): CellResult[] =>
  cells.filter(
    (cell) =>
      cell.system === system && (cell.stage === stage || cell.stage === STAGE.any) && cell.collection === collection,
  );

/** Undefined where the system was not measured there. */
export function measured(
  result: ExperimentResult,
  contender: Contender,
  { collection, measure }: { collection: string; measure: string },
): Measured | undefined {
  const found = cellsOf(result, contender, collection).filter(({ measures }) => measures[measure] !== undefined);
  const [first] = found;
  if (!first) return undefined;
  const together = found.filter(({ queries }) => queries.hash === first.queries.hash);
  const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const perQuery = first.perQuery[measure]!.map(
    (_, i) => meanOf(together.map((cell) => cell.perQuery[measure]![i]!)) / PER_QUERY_UNIT,
  );
  return {
    mean: meanOf(together.map(({ measures }) => measures[measure]!)),
    perQuery,
    queries: first.queries.hash,
    seeds: together.length,
  };
}

/** Undefined where one of them is missing, or they answer different queries, or fewer than two. */
export function difference(better: Measured | undefined, worse: Measured | undefined): Difference | undefined {
  if (!better || !worse || better.queries !== worse.queries || better.perQuery.length < 2) return undefined;
  const { p } = pairedTTest(better.perQuery, worse.perQuery);
  return { better: better.mean, worse: worse.mean, difference: better.mean - worse.mean, p };
}

/** The collections of a stage, in the order of the results. */
export const collectionsOf = ({ cells }: ExperimentResult, stage: string): string[] => [
  ...new Set(cells.filter((cell) => cell.stage === stage).map(({ collection }) => collection)),
];

/** The collections of an axis' stages. */
export const collectionsOnAxis = (result: ExperimentResult, { stages }: { stages: readonly string[] }): string[] => [
  ...new Set(stages.flatMap((stage) => collectionsOf(result, stage))),
];

/** The stages, in the order of the results, without that of what belongs to every stage. */
export const stagesOf = ({ cells }: ExperimentResult): string[] => {
  const stages = [...new Set(cells.map(({ stage }) => stage))];
  const own = stages.filter((stage) => stage !== STAGE.any);
  return own.length > 0 ? own : stages;
};
