/// <reference path="./jstat.d.ts" />
import jstat from "jstat";
import { differences } from "./paired-values.ts";

/** The outcome of a two-tailed paired t-test of a against b. */
export interface PairedTTest {
  /** Above zero when a is better; ±Infinity when all differences are one number other than zero, 0 when all are zero. */
  t: number;
  degreesOfFreedom: number;
  /** Two-tailed, in [0, 1]. */
  p: number;
  /** Mean of a − b. */
  meanDifference: number;
}

/**
 * Student's paired t-test, two-tailed: t = mean(Δ) / (sd(Δ) / √n), sd with n − 1. Without correction for several comparisons.
 *
 * Where the variance is zero: p = 1 when a and b are equal, p = 0 when they differ by a constant.
 *
 * @param a Values by query.
 * @param b Values of the other system, for the same queries in the same order.
 * @throws {PropriaError} `PAIRS` for different lengths, under two pairs, or a value that is no number.
 * @see Student, "The probable error of a mean", Biometrika 1908; Smucker et al., "A comparison of statistical
 *      significance tests for information retrieval evaluation", CIKM 2007.
 */
export function pairedTTest(a: readonly number[], b: readonly number[]): PairedTTest {
  const delta = differences(a, b);
  const count = delta.length;
  const degreesOfFreedom = count - 1;
  if (delta.every((each) => each === delta[0])) {
    const meanDifference = delta[0]!; // no sum: its rounding would make a variance
    const t = meanDifference === 0 ? 0 : meanDifference * Number.POSITIVE_INFINITY;
    return { t, degreesOfFreedom, p: t === 0 ? 1 : 0, meanDifference };
  }
  const meanDifference = delta.reduce((sum, each) => sum + each, 0) / count;
  const variance = delta.reduce((sum, each) => sum + (each - meanDifference) ** 2, 0) / degreesOfFreedom;
  const t = meanDifference / Math.sqrt(variance / count);
  return {
    t,
    degreesOfFreedom,
    p: Math.min(1, 2 * jstat.studentt.cdf(-Math.abs(t), degreesOfFreedom)),
    meanDifference,
  };
}
