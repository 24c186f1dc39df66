import { seeded } from "@propria/base";
import { differences } from "./paired-values.ts";

const EXACT_UP_TO_PAIRS = 16; // 65,536 sign patterns: fewer than the default sample
const SAMPLES = 100_000; // standard error of p at 0.05: 0.0007
const RELATIVE_TOLERANCE = 1e-12; // sums of the same differences in another order

/** The outcome of a two-tailed paired randomization test of a against b. */
export interface RandomizationTest {
  /** Two-tailed, in (0, 1]. */
  p: number;
  /** Mean of a − b. */
  meanDifference: number;
  /** Sign patterns looked at: all 2ⁿ up to 16 pairs, else a sample. */
  samples: number;
}

/**
 * Fisher's paired randomization test, two-tailed: how often the mean difference is at least as far from zero when
 * the two systems change places at random, query by query. Exact up to 16 pairs; else p counts the observed
 * pattern in, (hits + 1) / (samples + 1), and is a function of the seed.
 *
 * @throws {PropriaError} `PAIRS`, as `pairedTTest`.
 * @see Smucker et al., "A comparison of statistical significance tests for information retrieval evaluation", CIKM 2007.
 */
export function randomizationTest(
  a: readonly number[],
  b: readonly number[],
  { samples = SAMPLES, seed = 1 }: { samples?: number; seed?: number } = {},
): RandomizationTest {
  const delta = differences(a, b);
  const observed = delta.reduce((sum, each) => sum + each, 0);
  const reached = Math.abs(observed) * (1 - RELATIVE_TOLERANCE);
  const meanDifference = observed / delta.length;
  const sumUnder = (flips: (i: number) => boolean) =>
    Math.abs(delta.reduce((sum, each, i) => sum + (flips(i) ? -each : each), 0));

  if (delta.length <= EXACT_UP_TO_PAIRS) {
    const patterns = 2 ** delta.length;
    let hits = 0;
    for (let pattern = 0; pattern < patterns; pattern++)
      if (sumUnder((i) => ((pattern >>> i) & 1) === 1) >= reached) hits++;
    return { p: hits / patterns, meanDifference, samples: patterns };
  }
  const random = seeded(seed, "randomization test");
  let hits = 0;
  for (let sample = 0; sample < samples; sample++) if (sumUnder(() => random() < 0.5) >= reached) hits++;
  return { p: (hits + 1) / (samples + 1), meanDifference, samples };
}
