import type { Run, ScoredDocument } from "@propria/metrics";

/** Answers one query: `(query) => bm25(index, query)`. */
export type Model = (query: string) => ScoredDocument[];

/**
 * Answers every query, one after the other.
 *
 * @returns A run; a query that no document matches is in it, with no documents.
 * @example
 * const run = await searchAll(collection.queries(), (query) => bm25(index, query, { depth: 100 }));
 */
export async function searchAll(
  queries: AsyncIterable<{ id: string; text: string }> | Iterable<{ id: string; text: string }>,
  model: Model,
): Promise<Run> {
  const run: Run = new Map();
  for await (const { id, text } of queries) run.set(id, model(text));
  return run;
}
