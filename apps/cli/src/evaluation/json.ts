import type { Comparison, EvaluatedRun } from "./compare.ts";

/** One run in `evaluate --json`. */
export interface RunJson {
  run: string;
  measures: Record<string, number>;
  queries?: Record<string, Record<string, number>>;
  /** Against the first run; absent from the first. */
  test?: Comparison;
}

/** What `evaluate --json` prints. */
export function evaluationJson(
  runs: readonly EvaluatedRun[],
  { perQuery = false, comparisons }: { perQuery?: boolean; comparisons?: readonly Comparison[] } = {},
): { runs: RunJson[] } {
  return {
    runs: runs.map(({ run, evaluation }, i) => {
      const test = comparisons?.[i - 1];
      return {
        run,
        measures: evaluation.mean,
        ...(perQuery && { queries: Object.fromEntries(evaluation.perQuery) }),
        ...(test && { test }),
      };
    }),
  };
}
