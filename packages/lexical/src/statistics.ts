import type { InvertedIndex } from "./inverted-index.ts";

/** The corpus in numbers. */
export interface CorpusStatistics {
  documentCount: number;
  emptyDocumentCount: number;
  distinctTerms: number;
  totalTerms: number;
  /** In terms. */
  averageLength: number;
  longestLength: number;
  /** (term, document) pairs. */
  postingCount: number;
}

export function corpusStatistics(_index: InvertedIndex): CorpusStatistics {
  throw new Error("not built yet");
}
