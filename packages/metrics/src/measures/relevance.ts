import type { MeasureParameter } from "../define-measure.ts";

/** The parameter of every measure that knows relevant and not relevant only; trec_eval's `-l`. */
export const rel = {
  default: 1,
  description: "lowest grade that counts as relevant",
} as const satisfies MeasureParameter;

/** How many of the first `cutoff` grades reach the level. */
export function countRelevant(grades: readonly (number | undefined)[], cutoff: number, level: number): number {
  const length = Math.min(cutoff, grades.length);
  let count = 0;
  for (let i = 0; i < length; i++) if (isRelevant(grades[i], level)) count++;
  return count;
}

/** An unjudged document is not relevant, whatever the level. */
export const isRelevant = (grade: number | undefined, level: number): boolean => grade !== undefined && grade >= level;
