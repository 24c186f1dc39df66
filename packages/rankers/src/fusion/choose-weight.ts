/** The interpolation weight, chosen on queries that the result is not reported on. */
import { PropriaError } from "@propria/base";
import { evaluate, type Measure, type Qrels, type Run } from "@propria/metrics";
import { type InterpolationOptions, interpolation } from "./interpolate.ts";

/** What is searched, and by what. */
export interface ChooseWeightOptions extends InterpolationOptions {
  /** The weights tried, each in [0, 1]; default 0, 0.05, …, 1. */
  grid?: readonly number[];
}

/** The best weight, and how every other did. */
export interface ChosenWeight {
  /** For `interpolate`; of several equally good ones the first in the grid. */
  weight: number;
  /** The measure's mean over the judged queries, at that weight. */
  value: number;
  curve: { weight: number; value: number }[];
}

const GRID = Array.from({ length: 21 }, (_, i) => i / 20);

/**
 * The weight of `first` at which the interpolation of two runs is best. Choose it on a train or validation split and report on
 * another.
 *
 * @param measure As `evaluate` takes it: `"nDCG@10"`.
 * @throws {PropriaError} `WEIGHT_RANGE` for an empty grid or a weight outside [0, 1]; what `evaluate` throws for a measure.
 */
export function chooseWeight(
  first: Run,
  second: Run,
  qrels: Qrels,
  measure: string | Measure,
  { grid = GRID, ...options }: ChooseWeightOptions = {},
): ChosenWeight {
  if (grid.length === 0) throw new PropriaError("WEIGHT_RANGE", "no weight to try", { at: "grid" });
  const at = interpolation(first, second, options);
  const curve = grid.map((weight) => {
    const { measures, mean } = evaluate(qrels, at(weight), [measure]);
    return { weight, value: mean[measures[0]!]! };
  });
  const best = curve.reduce((best, each) => (each.value > best.value ? each : best));
  return { ...best, curve };
}
