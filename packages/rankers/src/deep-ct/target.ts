/** What DeepCT learns: how many of a passage's queries hold each of its words. */
import { analyzer, type StopWordListName } from "@propria/tokenizer";

/** Which words count, and as one. */
export interface TermOptions {
  /** Words that are no targets, of queries and passages alike; default `"english"`, which stands in for DeepCT's own list. A guess. */
  stopWords?: StopWordListName | "none";
  /** What a word is in a lower-cased text; default `[a-z0-9]+`, as in DeepCT's code. */
  pattern?: RegExp;
}

/** The stems of a text, stop words left out. */
export type Stems = (text: string) => string[];

/** Porter stems, as DeepCT's code makes them: possessives go first. */
export function stemsOf({ stopWords = "english", pattern }: TermOptions = {}): Stems {
  const stems = analyzer({ stem: true, stopWords, ...(pattern && { pattern }) });
  return (text) => stems(text.replaceAll("'s", " "));
}

/**
 * Query term recall: QTR(t) = |queries that hold t| / |queries|, for each stem of any of the queries. A query of stop words alone counts
 * among the queries all the same.
 *
 * @param queries Texts of the queries for which a passage is relevant.
 * @see Dai and Callan, "Context-Aware Term Weighting For First Stage Passage Retrieval", SIGIR 2020. https://arxiv.org/abs/1910.10687
 */
export function queryTermRecall(queries: readonly string[], stems: Stems): Map<string, number> {
  const counts = new Map<string, number>();
  for (const query of queries) for (const stem of new Set(stems(query))) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  return new Map([...counts].map(([stem, count]) => [stem, count / queries.length]));
}

/** The target of a word as it stands in a passage: its stem's recall, 0 for stop words and words that no query holds. */
export const wordTarget = (word: string, recall: ReadonlyMap<string, number>, stems: Stems): number =>
  Math.max(0, ...stems(word).map((stem) => recall.get(stem) ?? 0));
