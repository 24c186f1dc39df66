/** BM25 negatives: what matches the query's words and is not known to be relevant. */
import type { Query } from "@propria/collection";
import { bm25, type InvertedIndex } from "@propria/lexical";
import type { Qrels } from "@propria/metrics";
import { DEFAULT_DEPTH, type NegativesOptions, positivesOf, type QueryNegatives } from "./negatives.ts";
import { negativesOfRanking } from "./sample.ts";

/** As for any ranking, and BM25's own two. */
export interface Bm25NegativesOptions extends NegativesOptions {
  k1?: number;
  b?: number;
}

/**
 * BM25's top `depth` for every query that has a positive, without its positives, in the order of `queries`.
 * Unjudged documents among them may be relevant; nobody knows.
 */
export async function* bm25Negatives(
  index: InvertedIndex,
  queries: AsyncIterable<Query> | Iterable<Query>,
  qrels: Qrels,
  { k1, b, ...options }: Bm25NegativesOptions = {},
): AsyncGenerator<QueryNegatives> {
  const depth = options.depth ?? DEFAULT_DEPTH;
  for await (const { id, text } of queries) {
    if (positivesOf(qrels, id).length === 0) continue;
    const ranking = bm25(index, text, { depth, ...(k1 !== undefined && { k1 }), ...(b !== undefined && { b }) });
    const documentIds = ranking.map(({ documentId }) => documentId);
    yield negativesOfRanking(id, documentIds, qrels, options);
  }
}
