import type { Analyzer } from "@propria/tokenizer";

/** What goes into an index: an id and one text (title and body together). */
export interface IndexedDocument {
  id: string;
  text: string;
}

/** The documents that hold a term: indexes into `documentIds`, ascending, and how often each holds it. */
export interface Postings {
  documents: Uint32Array;
  termFrequencies: Uint32Array;
}

/** A term of the index. */
export interface TermEntry {
  /** Documents that hold the term. */
  documentFrequency: number;
  /** Occurrences of the term in all documents. */
  collectionFrequency: number;
  postings: Postings;
}

/** An inverted index in memory. Lengths are in terms, after stop words are left out. */
export interface InvertedIndex {
  documentIds: readonly string[];
  documentLengths: Uint32Array;
  /** Mean length over all documents, empty ones included. */
  averageLength: number;
  documentCount: number;
  /** Sum of the lengths. */
  totalTerms: number;
  terms(): Iterable<string>;
  term(term: string): TermEntry | undefined;
  /** What made terms of the documents and makes terms of a query. */
  analyzer: Analyzer;
}

export interface IndexOptions {
  /** Text → terms; default: lower-cased `[a-z0-9]+`, Lucene's stop words, no stems. */
  analyzer?: Analyzer;
  onProgress?: (documentCount: number) => void;
}

/** Reads the documents once and indexes them. */
export async function buildIndex(
  _documents: AsyncIterable<IndexedDocument> | Iterable<IndexedDocument>,
  _options: IndexOptions = {},
): Promise<InvertedIndex> {
  throw new Error("not built yet");
}
