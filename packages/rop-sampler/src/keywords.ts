/**
 * What represents a document, in three readings: its query-likelihood model, what a model attends to in it, and the contrast of that with other documents.
 *
 * @see Ma et al., "B-PROP", SIGIR 2021, the figure of term distributions. https://arxiv.org/abs/2104.09791
 */
import { type ContrastOptions, contraster } from "./contrast/contrast.ts";
import type { RandomDistribution } from "./contrast/random-distribution.ts";
import type { WordWeights } from "./contrast/word-weights.ts";
import { type DocumentModelOptions, documentModels } from "./document-model.ts";
import type { WordStatistics } from "./word-statistics.ts";

/** A word with what it is ranked by. Of words that are ranked alike the first in the alphabet is first. */
export interface RankedWord {
  word: string;
  score: number;
}

/** How many words of each list are given; default: all. */
interface Top {
  top?: number;
}

/** A function from a text to its words, best first, by P(w|θ_D), the smoothed language model that PROP samples from: its own words of the vocabulary. */
export function likelyKeywords(
  statistics: WordStatistics,
  { top, ...options }: DocumentModelOptions & Top = {},
): (text: string) => RankedWord[] {
  const modelOf = documentModels(statistics, options);
  return (text) => {
    const { counts, probability } = modelOf(text);
    return ranked(
      [...counts.keys()].map((i) => statistics.words[i]!),
      Float64Array.from(counts.keys(), probability),
      top,
    );
  };
}

/** What a model attends to in a document, best first. */
export interface AttendedKeywords {
  /** By β, what [CLS] attends to: stop words are among them. */
  attention: RankedWord[];
  /** By γ, bits: attended to here more than in other documents. */
  contrastive: RankedWord[];
}

/** A function from what is attended to in a document to its words by that. It keeps no document. */
export function attendedKeywords(
  random: RandomDistribution,
  { top, ...options }: ContrastOptions & Top = {},
): (attended: WordWeights) => AttendedKeywords {
  const contrastOf = contraster(random, options);
  return (attended) => ({
    attention: ranked(attended.words, attended.weights, top),
    contrastive: ranked(attended.words, contrastOf(attended).divergences, top),
  });
}

const ranked = (words: readonly string[], scores: ArrayLike<number>, top?: number): RankedWord[] =>
  words
    .map((word, i) => ({ word, score: scores[i]! }))
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
    .slice(0, top);
