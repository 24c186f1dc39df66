/** B-PROP's sampler: pairs of word sets from a document's contrastive distribution, the likelier one preferred. */
import type { Random } from "@propria/base";
import { drawIndex, truncatedPoisson } from "../truncated-poisson.ts";
import { isTie, orderedPair, type WordSet, type WordSetPair } from "../word-sets.ts";
import { type Contrast, type ContrastOptions, contraster } from "./contrast.ts";
import type { RandomDistribution } from "./random-distribution.ts";
import type { WordWeights } from "./word-weights.ts";

/** How pairs are drawn. */
export interface ContrastiveSetOptions extends ContrastOptions {
  /** Pairs drawn from a document; ties may leave fewer. */
  pairsPerDocument?: number;
  /** λ of the zero-truncated Poisson that a pair's length is drawn from, words; in (0, 100]. */
  poissonMean?: number;
  /** Draw with replacement, as PROP does; the code of B-PROP draws without where the document has more words than the set. */
  replacement?: boolean;
  /** Leave out pairs of equal likelihood. If not, the second set of a tie is preferred. */
  dropTies?: boolean;
  /** A document of fewer distinct words gives no pairs. */
  minWords?: number;
}

/** Pairs of word sets of documents. */
export interface ContrastiveSampler {
  /** What `pairs` draws from. */
  contrast(document: WordWeights): Contrast;
  /** The pairs of one document: a function of its weights and of `random`. Their likelihood is Σ log P(w|θ_contr), nats. */
  pairs(document: WordWeights, random: Random): WordSetPair[];
}

/**
 * A sampler against one random distribution.
 *
 * Both sets of a pair have one length, so that the order by likelihood is the order by Σγ, which the code compares.
 */
export function contrastiveSampler(
  distribution: RandomDistribution,
  {
    pairsPerDocument = 5,
    poissonMean = 3,
    replacement = true,
    dropTies = true,
    minWords = 10,
    ...options
  }: ContrastiveSetOptions = {},
): ContrastiveSampler {
  const contrast = contraster(distribution, options);
  const lengths = risingSums(truncatedPoisson(poissonMean));
  return {
    contrast,
    pairs(document, random) {
      if (document.words.length < Math.max(1, minWords)) return [];
      const { words, probabilities } = contrast(document);
      const draw = drawer(probabilities, replacement);
      const wordSet = (length: number): WordSet => {
        const drawn = draw(length, random);
        const logLikelihood = drawn.reduce((total, i) => total + Math.log(probabilities[i]!), 0);
        return { words: drawn.map((i) => words[i]!), logLikelihood };
      };
      const pairs: WordSetPair[] = [];
      for (let i = 0; i < pairsPerDocument; i++) {
        const length = 1 + drawIndex(lengths, lengths.length, random);
        const [first, second] = [wordSet(length), wordSet(length)];
        if (!isTie(first, second)) pairs.push(orderedPair(first, second));
        else if (!dropTies) pairs.push({ preferred: second, other: first });
      }
      return pairs;
    },
  };
}

/** Draws `length` outcomes: with replacement, or one after the other from those that are left, as long as there are more than are drawn. */
function drawer(probabilities: Float64Array, replacement: boolean): (length: number, random: Random) => number[] {
  const cumulative = risingSums(probabilities);
  return (length, random) => {
    if (replacement || length >= probabilities.length)
      return Array.from({ length }, () => drawIndex(cumulative, cumulative.length, random));
    const left = probabilities.slice();
    return Array.from({ length }, () => {
      const rest = risingSums(left);
      const drawn = drawIndex(rest, rest.length, random);
      left[drawn] = 0;
      return drawn;
    });
  };
}

function risingSums(values: Float64Array): Float64Array {
  let total = 0;
  return values.map((value) => (total += value));
}
