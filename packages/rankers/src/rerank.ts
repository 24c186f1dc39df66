/** Re-ranking: a model's scores for the top of a run. */
import { setImmediate } from "node:timers/promises";
import { PropriaError } from "@propria/base";
import { documentText, type Query } from "@propria/collection";
import { type Run, ranked, type ScoredDocument } from "@propria/metrics";
import type { Documents } from "./documents.ts";
import { notFinite } from "./open-cross-encoder.ts";
import type { Reranker } from "./reranker.ts";

/** How a run is re-ranked. */
export interface RerankOptions {
  /** Documents of each query that are scored, from the top of the run; default 100. */
  depth?: number;
  /**
   * What becomes of the documents below `depth`. `"cut"` (default): they are left out, so that every score of the result is the
   * model's. `"append"`: they follow in their old order, with made-up scores below the lowest of the model; not to be interpolated.
   */
  tail?: "cut" | "append";
  /** Called after each batch with the pairs scored so far and in all. */
  onProgress?: (progress: { pairs: number; totalPairs: number }) => void;
}

const DEFAULT_DEPTH = 100;

/**
 * Scores the top `depth` of every query's ranking with the model and orders them by that. Each query keeps exactly its
 * candidates. Pairs of all queries are batched by length; texts are read as their pairs are made, so memory is bounded by the
 * run and some batches. The same run, texts and model give the same scores.
 *
 * @param queries   At least the run's.
 * @param documents At least the candidates: a `Map` by id, or `storedDocuments(store)`.
 * @throws {PropriaError} Before anything is scored: `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`, naming the id.
 *   `SCORE_NOT_FINITE`, naming query and document.
 */
export async function rerank<Pieces, Row extends object>(
  model: Reranker<Pieces, Row>,
  run: Run,
  queries: AsyncIterable<Query> | Iterable<Query>,
  documents: Documents,
  { depth = DEFAULT_DEPTH, tail = "cut", onProgress }: RerankOptions = {},
): Promise<Run> {
  const orders = new Map([...run].map(([queryId, list]) => [queryId, ranked(list)]));
  const texts = await textsOf(orders, queries);
  const totalPairs = checkDocuments(orders, documents, depth);

  const scored: Run = new Map([...orders.keys()].map((queryId) => [queryId, []]));
  let pairs = 0;
  for (const batch of model.batches(candidates(model, orders, texts, documents, depth))) {
    const scores = await model.scoreBatch(batch);
    for (const [i, { queryId, documentId }] of batch.rows.entries()) {
      const score = scores[i]!;
      if (!Number.isFinite(score)) throw notFinite(`query ${queryId}, document ${documentId}`);
      scored.get(queryId)!.push({ documentId, score });
    }
    pairs += batch.rows.length;
    onProgress?.({ pairs, totalPairs });
    await setImmediate(); // a model may wait for nothing; without a turn of the event loop nobody could stop it
  }

  const reranked: Run = new Map();
  for (const [queryId, order] of orders) {
    const top = ranked(scored.get(queryId)!);
    reranked.set(queryId, tail === "append" ? [...top, ...below(top, order.slice(depth))] : top);
  }
  return reranked;
}

/** A pair on its way through the model. */
interface Candidate {
  queryId: string;
  documentId: string;
}

function* candidates<Pieces, Row extends object>(
  model: Reranker<Pieces, Row>,
  orders: ReadonlyMap<string, readonly ScoredDocument[]>,
  texts: ReadonlyMap<string, string>,
  documents: Documents,
  depth: number,
): Generator<Row & Candidate> {
  for (const [queryId, order] of orders) {
    const pieces = model.queryPieces(texts.get(queryId)!);
    for (const { documentId } of order.slice(0, depth)) {
      const row = model.row(pieces, documentText(documents.get(documentId)!));
      yield { ...row, queryId, documentId };
    }
  }
}

/** The first-stage tail under the model's scores, one apart, so that its order stays. */
function below(top: readonly ScoredDocument[], rest: readonly ScoredDocument[]): ScoredDocument[] {
  const lowest = top.at(-1)?.score ?? 0;
  return rest.map(({ documentId }, i) => ({ documentId, score: Math.floor(lowest) - 1 - i }));
}

async function textsOf(
  orders: ReadonlyMap<string, unknown>,
  queries: AsyncIterable<Query> | Iterable<Query>,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { id, text } of queries) if (orders.has(id)) texts.set(id, text);
  for (const queryId of orders.keys())
    if (!texts.has(queryId))
      throw new PropriaError("QUERY_UNKNOWN", `the run answers query ${queryId}, which is not among the queries`, {
        mend: "is the run of another collection or split?",
      });
  return texts;
}

function checkDocuments(
  orders: ReadonlyMap<string, readonly ScoredDocument[]>,
  documents: Documents,
  depth: number,
): number {
  let pairs = 0;
  for (const [queryId, order] of orders)
    for (const { documentId } of order.slice(0, depth)) {
      pairs++;
      if (!documents.has(documentId))
        throw new PropriaError("DOCUMENT_UNKNOWN", `the corpus has no document ${documentId}`, {
          at: `run, query ${queryId}`,
          mend: "is the run of another collection?",
        });
    }
  return pairs;
}
