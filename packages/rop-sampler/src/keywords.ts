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

/** A word with what it is ranked by. */
export interface RankedWord {
  word: string;
  score: number;
}

/** The best words of a document, best first; of equal ones the first in the alphabet is first. */
export interface Keywords {
  /** By P(w|θ_D), the smoothed language model that PROP samples from: the document's own words of the statistics' vocabulary. */
  queryLikelihood: RankedWord[];
  /** By β, what [CLS] attends to: stop words are among them. */
  attention: RankedWord[];
  /** By γ, bits: attended to here more than in other documents. */
  contrastive: RankedWord[];
}

/** What keywords are told from. */
export interface KeywordOptions extends DocumentModelOptions, ContrastOptions {
  /** Words of each list; default 10. */
  top?: number;
}

/** A function from a document, its text and what is attended to in it, to its keywords. It keeps no document. */
export function keywordFinder(
  { statistics, random }: { statistics: WordStatistics; random: RandomDistribution },
  { top = 10, collectionModel, mu, ...contrast }: KeywordOptions = {},
): (text: string, attended: WordWeights) => Keywords {
  const modelOf = documentModels(statistics, {
    ...(collectionModel !== undefined && { collectionModel }),
    ...(mu !== undefined && { mu }),
  });
  const contrastOf = contraster(random, contrast);
  const ranked = (words: Iterable<readonly [word: string, score: number]>): RankedWord[] =>
    [...words]
      .map(([word, score]) => ({ word, score }))
      .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
      .slice(0, top);
  return (text, attended) => {
    const model = modelOf(text);
    const { words, divergences } = contrastOf(attended);
    return {
      queryLikelihood: ranked([...model.counts.keys()].map((i) => [statistics.words[i]!, model.probability(i)])),
      attention: ranked(attended.words.map((word, i) => [word, attended.weights[i]!])),
      contrastive: ranked(words.map((word, i) => [word, divergences[i]!])),
    };
  };
}
