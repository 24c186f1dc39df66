import type { ScoredDocument } from "@propria/metrics";
import { accumulate, accumulatorOf, takeBest } from "./accumulator.ts";
import { expectBetween, expectDepth } from "./expect.ts";
import type { InvertedIndex } from "./inverted-index.ts";
import { queryTerms } from "./query-terms.ts";

export interface Bm25Options {
  /** How slowly repeated terms saturate, ≥ 0; 0 = presence only. Default 0.9, Anserini's. */
  k1?: number;
  /** How much long documents are held back, 0 … 1. Default 0.4, Anserini's. */
  b?: number;
  /** Documents returned at most. Default 1000. */
  depth?: number;
}

/**
 * The best documents for a query under BM25, score down, then document id down. Documents without a term of the query
 * are not returned.
 *
 * Lucene's form since version 8, without the constant factor k1 + 1:
 * Σ over the query's terms of idf(w) · tf / (tf + k1 · (1 − b + b · length / average length)), with
 * idf(w) = ln(1 + (N − df + 0.5) / (df + 0.5)). Lengths are exact; Lucene rounds them to one byte.
 *
 * @throws {PropriaError} `SEARCH_OPTION` when an option is out of its range.
 * @see Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", FnTIR 3(4), 2009.
 */
export function bm25(
  index: InvertedIndex,
  query: string,
  { k1 = 0.9, b = 0.4, depth = 1000 }: Bm25Options = {},
): ScoredDocument[] {
  expectBetween("k1", k1, 0, Number.MAX_VALUE);
  expectBetween("b", b, 0, 1);
  expectDepth(depth);
  const { documentLengths, averageLength } = index;
  const accumulator = accumulatorOf(index);
  for (const { count, entry } of queryTerms(index, query)) {
    const weight = count * inverseDocumentFrequency(index.documentCount, entry.documentFrequency);
    const { documents, termFrequencies } = entry.postings;
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i]!;
      const termFrequency = termFrequencies[i]!;
      const saturation = k1 * (1 - b + (b * documentLengths[document]!) / averageLength);
      accumulate(accumulator, document, (weight * termFrequency) / (termFrequency + saturation));
    }
  }
  return takeBest(index, accumulator, depth);
}

/** Lucene's idf, above 0 even for a term that all documents hold, nats. */
export const inverseDocumentFrequency = (documentCount: number, documentFrequency: number): number =>
  Math.log(1 + (documentCount - documentFrequency + 0.5) / (documentFrequency + 0.5));
