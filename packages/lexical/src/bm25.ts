import type { ScoredDocument } from "@propria/metrics";
import type { InvertedIndex } from "./inverted-index.ts";

export interface Bm25Options {
  /** How fast repeated terms saturate; 0 = presence only. */
  k1?: number;
  /** How much long documents are held back, 0 … 1. */
  b?: number;
  /** Documents returned at most. */
  depth?: number;
}

/** The best documents for a query under BM25 in Lucene's form, best first. */
export function bm25(_index: InvertedIndex, _query: string, _options: Bm25Options = {}): ScoredDocument[] {
  throw new Error("not built yet");
}
