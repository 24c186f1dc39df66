/**
 * A document against all documents: what it attends to more than they do (divergence from randomness).
 *
 * @see Ma et al., "B-PROP", SIGIR 2021. https://arxiv.org/abs/2104.09791; Amati and van Rijsbergen, "Probabilistic Models of Information
 *      Retrieval Based on Measuring the Divergence from Randomness", TOIS 2002.
 */
import { type DocumentDistributionOptions, documentDistribution, sum } from "./document-distribution.ts";
import type { RandomDistribution } from "./random-distribution.ts";
import type { WordWeights } from "./word-weights.ts";

/** How a document is contrasted. */
export interface ContrastOptions extends DocumentDistributionOptions {
  /** γ = −P(w|θ_d)·log₂ P(w|θ_rand), the paper's (`"entropy"`); or max(0, P(w|θ_d) − P(w|θ_rand)), which its code has too (`"subtract"`). */
  divergence?: "entropy" | "subtract";
  /** Most that γ can be; 0: no limit. The code has 100, which γ never reaches. */
  divergenceCap?: number;
  /** T: the contrastive distribution is softmax(γ/T). At 1, the paper's, it is almost flat. */
  temperature?: number;
}

/** A document's words with everything that was computed of them, in one order. */
export interface Contrast {
  words: readonly string[];
  /** P(w|θ_d). */
  documentProbabilities: Float64Array;
  /** γ, bits (of `"entropy"`). */
  divergences: Float64Array;
  /** P(w|θ_contr), what word sets are drawn from; sums to 1. */
  probabilities: Float64Array;
}

/** −log₂ of a word that the random distribution lacks, as in the code: below every other, so that it represents nothing. */
const ABSENT = -1;

/** A function from a document's words to their contrast with one random distribution. It keeps no document. */
export function contraster(
  { words, probabilities }: RandomDistribution,
  { divergence = "entropy", divergenceCap = 0, temperature = 1, ...options }: ContrastOptions = {},
): (document: WordWeights) => Contrast {
  const random = new Map(words.map((word, i) => [word, probabilities[i]!]));
  const limit = divergenceCap === 0 ? Number.POSITIVE_INFINITY : divergenceCap;
  const gamma = (word: string, share: number): number => {
    const expected = random.get(word);
    if (divergence === "subtract") return Math.max(0, share - (expected ?? 0));
    return share * (expected === undefined ? ABSENT : -Math.log2(expected));
  };
  return (document) => {
    const documentProbabilities = documentDistribution(document, options);
    const divergences = documentProbabilities.map((share, i) => Math.min(gamma(document.words[i]!, share), limit));
    return {
      words: document.words,
      documentProbabilities,
      divergences,
      probabilities: softmax(divergences, temperature),
    };
  };
}

/** No outcome is impossible: at a low temperature the unlikely ones would underflow, and their logarithm with them. */
const LEAST = 1e-300;

/** softmax(x/T); none of nothing. */
export function softmax(values: Float64Array, temperature = 1): Float64Array {
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const masses = values.map((value) => Math.max(LEAST, Math.exp((value - most) / temperature)));
  const total = sum(masses);
  return masses.map((mass) => mass / total);
}

/** The entropy of a distribution, nats. */
export const entropy = (probabilities: Float64Array): number =>
  -probabilities.reduce((total, p) => total + (p > 0 ? p * Math.log(p) : 0), 0);
