import type { InvertedIndex, TermEntry } from "./inverted-index.ts";

/** A term of a query that some document holds. */
export interface QueryTerm {
  term: string;
  /** Occurrences in the query. */
  count: number;
  entry: TermEntry;
}

/** The terms of a query, each once, by the index's own analyzer; those that no document holds are left out. */
export function queryTerms(index: InvertedIndex, query: string): QueryTerm[] {
  const counts = new Map<string, number>();
  for (const term of index.analyzer(query)) counts.set(term, (counts.get(term) ?? 0) + 1);
  const found: QueryTerm[] = [];
  for (const [term, count] of counts) {
    const entry = index.term(term);
    if (entry) found.push({ term, count, entry });
  }
  return found;
}
