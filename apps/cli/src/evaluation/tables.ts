/** Evaluations as text. */
import { table } from "../program/format.ts";
import { type Comparison, type EvaluatedRun, stars, TESTS, type TestName } from "./compare.ts";

const DIGITS = 4; // trec_eval's
const NO_STARS = "  ";

/** Runs below each other, measures side by side; stars say which differ from the first run. */
export function meanTable(
  runs: readonly EvaluatedRun[],
  { test, comparisons = [] }: { test?: TestName; comparisons?: readonly Comparison[] } = {},
): string[] {
  const measures = runs[0]?.evaluation.measures ?? [];
  const blank = comparisons.length > 0 ? NO_STARS : "";
  const rows = runs.map(({ run, evaluation }, i) => [
    run,
    ...measures.map((measure) => {
      const star = i === 0 ? "" : stars(comparisons[i - 1]?.[measure]?.p ?? 1);
      return evaluation.mean[measure]!.toFixed(DIGITS) + star.padEnd(blank.length);
    }),
  ]);
  const lines = table([["run", ...measures.map((measure) => measure + blank)], ...rows]);
  if (test === undefined || runs.length < 2) return lines;
  return [
    ...lines,
    "",
    `* p < 0.05, ** p < 0.01: ${TESTS[test]} against ${runs[0]!.run}, not corrected for several comparisons`,
  ];
}

/** A line for each run and query. */
export function queryTable(runs: readonly EvaluatedRun[]): string[] {
  const measures = runs[0]?.evaluation.measures ?? [];
  const rows = runs.flatMap(({ run, evaluation }) =>
    [...evaluation.perQuery].map(([queryId, values]) => [
      run,
      queryId,
      ...measures.map((measure) => values[measure]?.toFixed(DIGITS) ?? "-"),
    ]),
  );
  return table([["run", "query", ...measures], ...rows], { left: [0, 1] });
}
