/**
 * The term distribution of one document, from what [CLS] attends to.
 *
 * @see Ma et al., "B-PROP: Bootstrapped Pre-training with Representative Words Prediction for Ad-hoc Retrieval", SIGIR 2021.
 *      https://arxiv.org/abs/2104.09791
 */
import type { WordWeights } from "./word-weights.ts";

/** What a weight β becomes before it is normalised. */
export type Saturation = keyof typeof SATURATIONS;

/** How weights become a document's distribution. */
export interface DocumentDistributionOptions {
  /**
   * So that one word cannot take all: `"ratio"`, β/(b + β), is the paper's. Its code can also take `"sqrt"`, √β, and `"sigmoid"`,
   * 1/(1 + e^(−200·(β − .02))). `"none"` is the paper's ablation.
   */
  saturation?: Saturation;
  /** b of `"ratio"`: the weight that becomes one half. */
  saturationWeight?: number;
  /** P(w|θ_d) by a softmax over the document's words, as the paper prints it, or by dividing by their sum, as its code does. */
  documentNormalizer?: "softmax" | "sum";
  /** What shares the document's mass: its words alone, or also [CLS], [SEP], punctuation and numbers, which its code removes only later. */
  normalizeOver?: "words" | "everything";
}

/** The names of the ways to saturate; the paper's first. */
export const saturationNames = ["ratio", "sqrt", "sigmoid", "none"] as const;

const SATURATIONS = {
  ratio: (weight: number, b: number) => weight / (b + weight),
  sqrt: (weight: number) => Math.sqrt(weight),
  sigmoid: (weight: number) => 1 / (1 + Math.exp(-200 * (weight - 0.02))), // the code's constants
  none: (weight: number) => weight,
} as const satisfies Record<(typeof saturationNames)[number], (weight: number, b: number) => number>;

/** b of the paper. */
const SATURATION_WEIGHT = 0.01;

/** Weights after saturation: monotone, and under `"ratio"` below 1. */
export function saturate(
  weights: ArrayLike<number>,
  { saturation = "ratio", saturationWeight = SATURATION_WEIGHT }: DocumentDistributionOptions = {},
): Float64Array {
  const curve = SATURATIONS[saturation];
  return Float64Array.from(weights, (weight) => curve(weight, saturationWeight));
}

/**
 * P(w|θ_d) of each word, in their order.
 *
 * @returns Sums to 1, or with `normalizeOver: "everything"` to what the words have of it.
 */
export function documentDistribution(
  { weights, others }: Pick<WordWeights, "weights" | "others">,
  options: DocumentDistributionOptions = {},
): Float64Array {
  const words = saturate(weights, options);
  const beside = options.normalizeOver === "everything" ? saturate(others, options) : new Float64Array();
  const shares = options.documentNormalizer === "sum" ? (x: number) => x : Math.exp; // of at most 1, or √1: no overflow
  const masses = words.map(shares);
  const total = sum(masses) + sum(beside.map(shares));
  return total > 0 ? masses.map((mass) => mass / total) : masses.fill(1 / masses.length);
}

/** The sum of all elements. */
export const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
