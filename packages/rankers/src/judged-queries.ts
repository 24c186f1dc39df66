/** The queries of a collection that training and mining are about: those with a positive in a split. */
import { PropriaError } from "@propria/base";
import type { Query } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import { positivesOf } from "./negatives/negatives.ts";

/** The part of a collection that has judgements. */
export interface JudgedQueries {
  name: string;
  queries(): AsyncIterable<Query> | Iterable<Query>;
  qrels(split: string): Promise<Qrels>;
}

/** The queries with a positive, in the collection's order. */
export async function* withPositives(collection: JudgedQueries, qrels: Qrels): AsyncGenerator<Query> {
  for await (const query of collection.queries()) if (positivesOf(qrels, query.id).length > 0) yield query;
}

/**
 * Refuses judgements of what the collection lacks, and a split without any.
 *
 * @param found The ids of the queries with a positive that the collection has.
 * @param at The collection and the split.
 * @throws {PropriaError} `QUERY_UNKNOWN` naming the query; `NO_TRAINING_QUERIES`.
 */
export function requireJudged(
  found: { has(queryId: string): boolean; readonly size: number },
  qrels: Qrels,
  { name, split }: { name: string; split: string },
): void {
  const at = `${name}, split ${split}`;
  for (const queryId of qrels.keys())
    if (!found.has(queryId) && positivesOf(qrels, queryId).length > 0)
      throw new PropriaError("QUERY_UNKNOWN", `query ${queryId} is judged but not among the queries`, { at });
  if (found.size === 0)
    throw new PropriaError("NO_TRAINING_QUERIES", "no query has a relevant document", {
      at,
      mend: "name a split with judgements of grade 1 or above",
    });
}
