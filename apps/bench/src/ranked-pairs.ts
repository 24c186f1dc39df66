/** Queries with BM25's best documents, as a cross-encoder reads them. */
import type { Collection } from "@propria/collection";
import { bm25, buildIndex, searchAll } from "@propria/lexical";
import type { Run } from "@propria/metrics";
import type { Pair } from "@propria/rankers";
import { textsOf } from "./sentence-transformers.ts";

/** Documents of a query. */
export const CANDIDATES = 100;

/** Pairs in the order of a run. */
export interface RankedPairs {
  pairs: Pair[];
  /** The run of those pairs by scores in their order. */
  run(scores: ArrayLike<number>): Run;
}

/** BM25's top 100 for the first queries of a collection's test split. */
export async function rankedPairs(collection: Collection, queryCount = Number.POSITIVE_INFINITY): Promise<RankedPairs> {
  const { ids, texts, queries } = await textsOf(collection, "test");
  const index = await buildIndex(documents());
  const asked = queries.slice(0, queryCount);
  const found = await searchAll(asked, (query) => bm25(index, query, { depth: CANDIDATES }));
  const textOf = new Map(ids.map((id, i) => [id, texts[i]!]));
  const queryOf = new Map(asked.map(({ id, text }) => [id, text]));
  const keys = [...found].flatMap(([queryId, list]) => list.map(({ documentId }) => ({ queryId, documentId })));
  return {
    pairs: keys.map(({ queryId, documentId }) => ({
      query: queryOf.get(queryId)!,
      document: textOf.get(documentId)!,
    })),
    run(scores) {
      const run: Run = new Map([...found.keys()].map((queryId) => [queryId, []]));
      for (const [i, { queryId, documentId }] of keys.entries())
        run.get(queryId)!.push({ documentId, score: scores[i]! });
      return run;
    },
  };

  async function* documents() {
    for (const [i, id] of ids.entries()) yield { id, text: texts[i]! };
  }
}
