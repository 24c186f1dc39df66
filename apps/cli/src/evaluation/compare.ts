import { type Evaluation, pairedTTest, pairedValues, randomizationTest } from "@propria/metrics";

/** A run that has been measured. */
export interface EvaluatedRun {
  /** Its file, or a system's name. */
  run: string;
  evaluation: Evaluation;
}

/** Which paired test; both are two-tailed. */
export type TestName = "t" | "randomization";

/** What a test says of each measure. */
export type Comparison = Readonly<Record<string, { p: number; difference: number }>>;

/** What the names of the tests mean. */
export const TESTS: Readonly<Record<TestName, string>> = {
  t: "two-tailed paired t-test",
  randomization: "two-tailed paired randomization test",
};

/** Tests one evaluation against another, measure by measure; the difference is theirs in the mean. */
export function compare(test: TestName, evaluation: Evaluation, against: Evaluation): Comparison {
  return Object.fromEntries(
    evaluation.measures.map((measure) => {
      const { a, b } = pairedValues(evaluation, against, measure);
      const { p, meanDifference } = test === "t" ? pairedTTest(a, b) : randomizationTest(a, b);
      return [measure, { p, difference: meanDifference }];
    }),
  );
}

/** `**` under 0.01, `*` under 0.05, nothing above. */
export const stars = (p: number): string => (p < 0.01 ? "**" : p < 0.05 ? "*" : "");
