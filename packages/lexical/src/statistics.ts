import type { InvertedIndex } from "./inverted-index.ts";

/** The corpus in numbers. */
export interface CorpusStatistics {
  documentCount: number;
  /** Documents without a term. */
  emptyDocumentCount: number;
  distinctTerms: number;
  totalTerms: number;
  /** Terms a document. */
  averageLength: number;
  /** Terms. */
  longestLength: number;
  /** (term, document) pairs. */
  postingCount: number;
}

/** Counts over the indexed documents. */
export function corpusStatistics(index: InvertedIndex): CorpusStatistics {
  const { documentCount, documentLengths, totalTerms, averageLength, postingCount } = index;
  let emptyDocumentCount = 0;
  let longestLength = 0;
  for (const length of documentLengths) {
    if (length === 0) emptyDocumentCount++;
    longestLength = Math.max(longestLength, length);
  }
  let distinctTerms = 0;
  for (const _ of index.terms()) distinctTerms++;
  return { documentCount, emptyDocumentCount, distinctTerms, totalTerms, averageLength, longestLength, postingCount };
}
