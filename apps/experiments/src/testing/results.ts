/** Results that look like those of a run, for tests of the report. */
import type { CellResult, ExperimentResult } from "../results/result.ts";

/** A cell of four queries. @param values nDCG@10 of each, in units of 1/10,000. */
export function cell(
  system: string,
  stage: string,
  collection: string,
  values: readonly number[],
  seed = 1,
): CellResult {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length / 10_000;
  return {
    ...{ system, stage, collection, seed, split: "test", key: `${system} ${stage} ${collection} ${seed}` },
    queries: { count: values.length, hash: collection },
    measures: { "nDCG@10": mean },
    perQuery: { "nDCG@10": [...values] },
    environment: 0,
  };
}

/** Results with these cells. */
export const resultWith = (cells: readonly CellResult[], more: Partial<ExperimentResult> = {}): ExperimentResult => ({
  ...{ form: 1, experiment: "toy", scale: "small", cells: [...cells], curves: [], findings: [], steps: {} },
  environments: [
    { date: "2026-11-24", machine: { cores: 2, threads: 2, processor: "a processor" }, versions: { node: "v20" } },
  ],
  ...more,
});
