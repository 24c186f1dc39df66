import { wordNumbers } from "./word-numbers.ts";
import type { WordStatistics } from "./word-statistics.ts";

export interface DocumentModelOptions {
  /**
   * What smooths: `"cf"`, a word's share of all occurrences (the formula of the paper), or `"df"`, its share of all
   * document frequencies (what PROP's code computes).
   */
  collectionModel?: "cf" | "df";
  /** μ of Dirichlet smoothing, words: how much the collection counts against the document. `"average"` is the average document's length. */
  mu?: "average" | number;
}

/** The smoothed language model of one document, over the vocabulary of the statistics. */
export interface DocumentModel {
  /** Occurrences by word number; words of the vocabulary alone. */
  counts: ReadonlyMap<number, number>;
  /** |D|: the document's words that are in the vocabulary. */
  length: number;
  /** P(w|θ_D) of a word by number; over the vocabulary they sum to 1. */
  probability(word: number): number;
}

/**
 * Makes the language model of any text over the words of a corpus: `P(w|θ_D) = (c(w,D) + μ·P(w|C)) / (|D| + μ)`.
 *
 * @returns A function from text to model. It keeps no text.
 * @see Zhai and Lafferty, "A Study of Smoothing Methods for Language Models", SIGIR 2001.
 */
export function documentModels(
  statistics: WordStatistics,
  { collectionModel = "cf", mu = "average" }: DocumentModelOptions = {},
): (text: string) => DocumentModel {
  const { kind, words, surfaces, averageLength } = statistics;
  const table = wordNumbers(kind, surfaces?.forms ?? words);
  const prior = mu === "average" ? averageLength : mu;
  const pseudoCounts = collectionProbabilities(statistics, collectionModel).map((probability) => probability * prior);
  return (text) => {
    const counts = new Map<number, number>();
    let length = 0;
    for (const form of table.read(text)) {
      if (form < 0) continue;
      const word = surfaces ? surfaces.stems[form]! : form;
      counts.set(word, (counts.get(word) ?? 0) + 1);
      length++;
    }
    return {
      counts,
      length,
      probability: (word) => ((counts.get(word) ?? 0) + pseudoCounts[word]!) / (length + prior),
    };
  };
}

/** P(w|C) by word number; sums to 1 over the vocabulary. */
export function collectionProbabilities(statistics: WordStatistics, model: "cf" | "df"): Float64Array {
  const frequency = model === "cf" ? statistics.collectionFrequency : statistics.documentFrequency;
  const total = frequency.reduce((sum, each) => sum + each, 0);
  return frequency.map((each) => each / total);
}
