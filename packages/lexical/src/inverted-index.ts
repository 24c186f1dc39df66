import { PropriaError } from "@propria/base";
import { type Analyzer, analyzer as defaultAnalyzer, detached } from "@propria/tokenizer";
import { GrowingArray } from "./growing-array.ts";

/**
 * What goes into an index: an id, and one text (title and body together) or, in place of a text, its words with the frequencies that
 * they are to have, as a model of term weights gives them.
 */
export type IndexedDocument = { id: string; text: string } | WeightedDocument;

/** A document whose term frequencies are given. */
export interface WeightedDocument {
  id: string;
  /** Word → frequency, a whole number from 1. Words are as in a text: the analyzer makes terms of them. */
  terms: ReadonlyMap<string, number>;
}

/** The documents that hold a term: indexes into `documentIds`, ascending, and how often each holds it. */
export interface Postings {
  documents: Uint32Array;
  termFrequencies: Uint16Array | Uint32Array;
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
  readonly documentIds: readonly string[];
  readonly documentLengths: Uint32Array;
  /** Mean length over all documents, empty ones included. */
  readonly averageLength: number;
  readonly documentCount: number;
  /** Sum of the lengths. */
  readonly totalTerms: number;
  /** (term, document) pairs. */
  readonly postingCount: number;
  /** Distinct terms, in the order in which they came first. */
  terms(): Iterable<string>;
  /** A term's postings, views into the index; undefined for a term that no document holds. */
  term(term: string): TermEntry | undefined;
  /** What made terms of the documents and makes terms of a query. */
  readonly analyzer: Analyzer;
}

export interface IndexOptions {
  /** Text → terms. Default: `analyzer()`: lower-cased `[a-z0-9]+` without Lucene's stop words, no stems; Chinese ideographs and their pairs. */
  analyzer?: Analyzer;
  /** Called now and then with the number of documents read. */
  onProgress?: (documentCount: number) => void;
}

/** Documents between two reports of progress. */
const REPORT_EVERY = 256;

/**
 * Indexes a stream of documents, read once. A document with `terms` is indexed as the text would be in which each word stands as often
 * as its frequency says: words of one stem add up, stop words fall away, and the length is the sum of what is left.
 *
 * Takes 6 bytes a (term, document) pair when it is ready, 14 while it is made
 * (2 more when a term occurs over 65,535 times in one document), besides the terms and ids themselves.
 *
 * @throws {PropriaError} `DUPLICATE_DOCUMENT` when two documents have one id; `TERM_FREQUENCY` when a given one is no whole number
 *   from 1, or a document's sum to more than 32 bits hold.
 * @example
 * const index = await buildIndex([{ id: "d1", text: "boundary layer of a wing" }]);
 * index.term("wing")?.documentFrequency; // 1
 */
export async function buildIndex(
  documents: AsyncIterable<IndexedDocument> | Iterable<IndexedDocument>,
  { analyzer = defaultAnalyzer(), onProgress = () => {} }: IndexOptions = {},
): Promise<InvertedIndex> {
  const termNumbers = new Map<string, number>();
  const documentIds: string[] = [];
  const seenIds = new Set<string>();
  const lengths = new GrowingArray();
  // The pairs in the order of the documents: term and frequency, and of each document where its pairs end.
  const pairTerms = new GrowingArray();
  const pairFrequencies = new GrowingArray();
  const pairEnds = new GrowingArray();
  const latestPairs: number[] = []; // by term: its pair in the latest document that holds it

  /** Counts a term `frequency` times more in the document whose pairs begin at `firstPair`. */
  function count(term: string, frequency: number, firstPair: number): void {
    let number = termNumbers.get(term);
    if (number === undefined) {
      number = termNumbers.size;
      termNumbers.set(detached(term), number);
    }
    const latest = latestPairs[number];
    if (latest !== undefined && latest >= firstPair) {
      pairFrequencies.add(latest, frequency);
    } else {
      latestPairs[number] = pairTerms.length;
      pairTerms.push(number);
      pairFrequencies.push(frequency);
    }
  }

  for await (const document of documents) {
    const { id } = document;
    if (seenIds.has(id)) throw duplicate(id, documentIds.length);
    seenIds.add(id);
    documentIds.push(id);
    const firstPair = pairTerms.length;
    if ("terms" in document) {
      let length = 0;
      for (const [word, frequency] of document.terms) {
        if (!isFrequency(frequency)) throw badFrequency(id, word, frequency);
        for (const term of analyzer(word)) {
          count(term, frequency, firstPair);
          length += frequency;
        }
      }
      if (length > MOST) throw badFrequency(id, undefined, length);
      lengths.push(length);
    } else {
      const terms = analyzer(document.text);
      for (const term of terms) count(term, 1, firstPair);
      lengths.push(terms.length);
    }
    pairEnds.push(pairTerms.length);
    if (documentIds.length % REPORT_EVERY === 0) onProgress(documentIds.length);
  }
  onProgress(documentIds.length);

  const columns = transpose(termNumbers.size, pairTerms, pairFrequencies, pairEnds);
  const documentLengths = lengths.compact();
  const totalTerms = documentLengths.reduce((sum, length) => sum + length, 0);
  return {
    documentIds,
    documentLengths,
    averageLength: documentIds.length === 0 ? 0 : totalTerms / documentIds.length,
    documentCount: documentIds.length,
    totalTerms,
    postingCount: columns.documents.length,
    terms: () => termNumbers.keys(),
    term(term) {
      const number = termNumbers.get(term);
      return number === undefined ? undefined : entry(columns, number);
    },
    analyzer,
  };
}

/** The postings of all terms, one after the other: term `t` has those from `starts[t]` up to `starts[t + 1]`. */
interface Columns {
  starts: Float64Array;
  documents: Uint32Array;
  termFrequencies: Uint16Array | Uint32Array;
  collectionFrequencies: Float64Array;
}

/** From the order of documents to the order of terms, by counting. */
function transpose(termCount: number, terms: GrowingArray, frequencies: GrowingArray, ends: GrowingArray): Columns {
  const starts = new Float64Array(termCount + 1);
  let largest = 0;
  for (let pair = 0; pair < terms.length; pair++) {
    starts[terms.at(pair) + 1]!++;
    largest = Math.max(largest, frequencies.at(pair));
  }
  for (let term = 0; term < termCount; term++) starts[term + 1]! += starts[term]!;

  const documents = new Uint32Array(terms.length);
  const termFrequencies = largest <= 0xffff ? new Uint16Array(terms.length) : new Uint32Array(terms.length);
  const collectionFrequencies = new Float64Array(termCount);
  const free = starts.slice();
  let pair = 0;
  for (let document = 0; document < ends.length; document++) {
    for (; pair < ends.at(document); pair++) {
      const term = terms.at(pair);
      const at = free[term]!++;
      documents[at] = document;
      termFrequencies[at] = frequencies.at(pair);
      collectionFrequencies[term]! += frequencies.at(pair);
    }
  }
  return { starts, documents, termFrequencies, collectionFrequencies };
}

function entry({ starts, documents, termFrequencies, collectionFrequencies }: Columns, term: number): TermEntry {
  const start = starts[term]!;
  const end = starts[term + 1]!;
  return {
    documentFrequency: end - start,
    collectionFrequency: collectionFrequencies[term]!,
    postings: { documents: documents.subarray(start, end), termFrequencies: termFrequencies.subarray(start, end) },
  };
}

const MOST = 0xffffffff; // lengths and frequencies are unsigned 32-bit

const isFrequency = (frequency: number) => Number.isInteger(frequency) && frequency >= 1 && frequency <= MOST;

const badFrequency = (id: string, word: string | undefined, frequency: number) =>
  new PropriaError(
    "TERM_FREQUENCY",
    word === undefined ? `${frequency} terms in one document` : `${JSON.stringify(word)} has frequency ${frequency}`,
    { at: `document ${id}`, mend: `a whole number from 1 to ${MOST}; leave out a word that shall not count` },
  );

const duplicate = (id: string, index: number) =>
  new PropriaError("DUPLICATE_DOCUMENT", `two documents have the id ${JSON.stringify(id)}`, {
    at: `document ${index + 1}`,
    mend: "ids must be unique in a corpus",
  });
