/** What documents attend to on average: the distribution that a document is contrasted with. */
import { PropriaError } from "@propria/base";
import { type DocumentDistributionOptions, documentDistribution, saturate, sum } from "./document-distribution.ts";
import type { WordWeights } from "./word-weights.ts";

/** How documents become the random distribution. */
export interface RandomDistributionOptions extends DocumentDistributionOptions {
  /**
   * The mean of the documents' distributions, as in the paper (`"perDocument"`); or, as in its code, the sum of their saturated weights, normalised
   * once (`"global"`), in which long documents weigh more.
   */
  randomNormalizer?: "perDocument" | "global";
  /** Words of fewer documents are left out, and then have no divergence to speak of. */
  minDocumentFrequency?: number;
  /** Bound on memory: when more words than this are being counted, the half with the least mass is forgotten. */
  maxWords?: number;
}

/** P(w|θ_rand). Survives a structured clone. */
export interface RandomDistribution {
  /** The likeliest first, then by the alphabet. */
  words: string[];
  /** Of each word; they sum to 1 (less what is no word has, with `normalizeOver: "everything"`). */
  probabilities: Float64Array;
  /** Documents with a word. */
  documents: number;
}

/** Takes documents one by one; `finish` gives the distribution of those so far. */
export interface RandomCounter {
  add(weights: WordWeights): void;
  finish(): RandomDistribution;
}

/** Some 100 bytes a word: 400 MB at most. */
const MAX_WORDS = 4_000_000;

interface Count {
  mass: number;
  documents: number;
}

/**
 * Averages documents in one pass.
 *
 * @throws {PropriaError} `NO_WORDS` from `finish` when no word is left.
 */
export function randomCounter({
  randomNormalizer = "perDocument",
  minDocumentFrequency = 1,
  maxWords = MAX_WORDS,
  ...options
}: RandomDistributionOptions = {}): RandomCounter {
  let counts = new Map<string, Count>();
  let documents = 0;
  let besides = 0; // mass of what is no word
  return {
    add(document) {
      if (document.words.length === 0) return;
      const perDocument = randomNormalizer === "perDocument";
      const masses = perDocument ? documentDistribution(document, options) : saturate(document.weights, options);
      document.words.forEach((word, i) => {
        const count = counts.get(word);
        if (count) {
          count.mass += masses[i]!;
          count.documents++;
        } else counts.set(word, { mass: masses[i]!, documents: 1 });
      });
      if (options.normalizeOver === "everything")
        besides += perDocument ? 1 - sum(masses) : sum(saturate(document.others, options));
      documents++;
      if (counts.size > maxWords) counts = heavier(counts, maxWords / 2);
    },
    finish() {
      const kept = [...counts].filter(([, count]) => count.documents >= minDocumentFrequency);
      if (kept.length === 0)
        throw new PropriaError("NO_WORDS", `no word stands in ${minDocumentFrequency} documents`, {
          at: "minDocumentFrequency",
          mend: "give more texts, or a lower minimum",
        });
      kept.sort(([a, { mass: x }], [b, { mass: y }]) => y - x || (a < b ? -1 : 1));
      const total = kept.reduce((all, [, { mass }]) => all + mass, besides);
      return {
        words: kept.map(([word]) => word),
        probabilities: Float64Array.from(kept, ([, { mass }]) => mass / total),
        documents,
      };
    },
  };
}

/** The `count` words with the most mass. */
function heavier(counts: Map<string, Count>, count: number): Map<string, Count> {
  return new Map([...counts].sort(([, a], [, b]) => b.mass - a.mass).slice(0, count));
}
