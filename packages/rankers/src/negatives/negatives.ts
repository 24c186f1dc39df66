/** What negatives are: the candidates of each query that training may take as not relevant. */
import type { Qrels } from "@propria/metrics";

/** Documents for a query to be ranked above by its positives. */
export interface QueryNegatives {
  queryId: string;
  /** Best first where they come from a ranking; no judged positive of the query, none twice. */
  documentIds: readonly string[];
  /** Where they stand, for errors: `mined.jsonl:7`. */
  at?: string;
}

/** Negatives of many queries, one query at a time. */
export type Negatives = AsyncIterable<QueryNegatives> | Iterable<QueryNegatives>;

/** How many of a ranking's documents become negatives. */
export interface NegativesOptions {
  /** Taken from the top of the ranking, in documents; default 100, as in ARES' code. */
  depth?: number;
  /** Kept of those, drawn without replacement; default: all. */
  keep?: number;
  /** Decides which are kept; default 0. */
  seed?: number;
}

/** Where a ranking is cut, in documents: ARES' code draws from the top 100. */
export const DEFAULT_DEPTH = 100;

/** The lowest grade that makes a document a positive. */
export const RELEVANT_GRADE = 1;

/** Ids of the documents judged relevant for a query, in the order of the qrels. */
export function positivesOf(qrels: Qrels, queryId: string): string[] {
  const judged = qrels.get(queryId) ?? new Map<string, number>();
  return [...judged].filter(([, grade]) => grade >= RELEVANT_GRADE).map(([documentId]) => documentId);
}
