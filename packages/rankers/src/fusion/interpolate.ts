/** Linear interpolation of two runs. */
import { PropriaError } from "@propria/base";
import type { Run } from "@propria/metrics";
import { type LinearOptions, linearFusion } from "./linear.ts";

/** How two runs are brought together. */
export type InterpolationOptions = LinearOptions;

/**
 * weight · first + (1 − weight) · second, over the scaled scores of each query; best first, ties by document id as everywhere.
 * A query that only one run answers keeps that run's ranking, its scores scaled.
 *
 * @param weight The share of `first`, in [0, 1]: 1 gives the ranking of `first`, 0 that of `second`; the other's further documents
 *   tie with its last.
 * @throws {PropriaError} `WEIGHT_RANGE` for another weight.
 */
export const interpolate = (first: Run, second: Run, weight: number, options: InterpolationOptions = {}): Run =>
  interpolation(first, second, options)(weight);

/** The interpolation of two runs as a function of the weight: scaled once, for as many weights as one likes to try. */
export function interpolation(first: Run, second: Run, options: InterpolationOptions = {}): (weight: number) => Run {
  const fused = linearFusion([first, second], options);
  return (weight) => {
    if (!(weight >= 0 && weight <= 1))
      throw new PropriaError("WEIGHT_RANGE", `a weight of ${weight}`, { at: "weight", mend: "give one in [0, 1]" });
    return fused([weight, 1 - weight]);
  };
}
