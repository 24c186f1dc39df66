/** Re-ranking: a model's scores for the top of a run. */
import { setImmediate } from "node:timers/promises";
import { PropriaError } from "@propria/base";
import type { Query } from "@propria/collection";
import { type Run, ranked, type ScoredDocument } from "@propria/metrics";
import type { Documents } from "./documents.ts";
import { notFinite } from "./open-cross-encoder.ts";
import { type DocumentReading, documentReading, documentScore, type PassageReading, textsOf } from "./passages.ts";
import type { Reranker } from "./reranker.ts";
import type { Ranking } from "./retrieval/retrieve.ts";

/** How a run is re-ranked. */
export interface RerankOptions {
  /** Documents of each query that are scored, from the top of the run; default 100. */
  depth?: number;
  /**
   * What becomes of the documents below `depth`. `"cut"` (default): they are left out, so that every score of the result is the
   * model's. `"append"`: they follow in their old order, with made-up scores below the lowest of the model; not to be interpolated.
   */
  tail?: "cut" | "append";
  /** How long documents are read, for any model. What is not said is as the model says, which without training on passages is `"first"`. */
  passages?: PassageReading;
  /** Called after each batch with the pairs scored so far and in all. A pair is a query and a document, whatever its passages. */
  onProgress?: (progress: { pairs: number; totalPairs: number }) => void;
}

const DEFAULT_DEPTH = 100;

/**
 * Scores the top `depth` of every query's ranking with the model and orders them by that. Each query keeps exactly its
 * candidates. Pairs of all queries, and passages like pairs, are batched by length; texts are read as their pairs are made, so memory is
 * bounded by the run and some batches. The same run, texts and model give the same scores.
 *
 * @param queries   At least the run's.
 * @param documents At least the candidates: a `Map` by id, or `storedDocuments(store)`.
 * @throws {PropriaError} Before anything is scored: `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`, naming the id.
 *   `OPTION_INVALID` for passages. `SCORE_NOT_FINITE`, naming query and document.
 */
export async function rerank<Pieces, Row extends object>(
  model: Reranker<Pieces, Row>,
  run: Run,
  queries: AsyncIterable<Query> | Iterable<Query>,
  documents: Documents,
  { onProgress, ...options }: RerankOptions = {},
): Promise<Run> {
  documentReading(model.passages, options.passages); // refuses before anything is read
  const rankings = [...run].map(([queryId, documents]) => ({ queryId, documents }));
  const texts = await queryTexts(run, queries);
  let totalPairs = 0;
  for (const ranking of rankings) totalPairs += checkRanking(ranking, texts, documents, options);
  const reranked: Run = new Map();
  const stream = rerankStream(model, rankings, texts, documents, {
    ...options,
    onProgress: ({ pairs }) => onProgress?.({ pairs, totalPairs }),
  });
  for await (const { queryId, documents } of stream) reranked.set(queryId, documents);
  return reranked;
}

/** How a stream of rankings is re-ranked: how much of it there is is not known. */
export interface RerankStreamOptions extends Omit<RerankOptions, "onProgress"> {
  /** Pairs scored so far, and what of their documents was read for that: one text each, or their passages. */
  onProgress?: (progress: { pairs: number; passages: number }) => void;
}

/** Pairs of the queries that are scored together, so that batches are of similar lengths. The rankings of so many are held. A guess. */
const LOOK_AHEAD = 4096;

/**
 * The same for rankings that come one by one, for runs larger than memory; they leave in the same order. What is held is a window of queries and some batches.
 *
 * @param texts Of the queries.
 * @throws {PropriaError} When their turn comes: `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`, `SCORE_NOT_FINITE`. {@link checkRanking} sees the first two before.
 * @example
 * await writeRun("cross.run", rerankStream(model, readRankings("bm25.run"), texts, storedDocuments(store)));
 */
export async function* rerankStream<Pieces, Row extends object>(
  model: Reranker<Pieces, Row>,
  rankings: AsyncIterable<Ranking> | Iterable<Ranking>,
  texts: ReadonlyMap<string, string>,
  documents: Documents,
  { depth = DEFAULT_DEPTH, tail = "cut", passages: asked, onProgress }: RerankStreamOptions = {},
): AsyncGenerator<Ranking> {
  const reading = documentReading(model.passages, asked);
  let [pairs, passages] = [0, 0];
  for await (const window of windowsOf(rankings, depth)) {
    for (const ranking of window) checkRanking(ranking, texts, documents, { depth });
    const scored = new Map<string, ScoredDocument[]>(window.map(({ queryId }) => [queryId, []]));
    for (const batch of model.batches(candidates(model, window, { texts, documents, depth, reading }))) {
      const scores = await model.scoreBatch(batch);
      for (const [i, { candidate, place }] of batch.rows.entries()) {
        const { queryId, documentId } = candidate;
        const score = scores[i]!;
        if (!Number.isFinite(score)) throw notFinite(`query ${queryId}, document ${documentId}`);
        candidate.scores[place] = score;
        if (--candidate.missing > 0) continue;
        scored.get(queryId)!.push({ documentId, score: documentScore(candidate.scores, reading.score) });
        pairs++;
      }
      passages += batch.rows.length;
      onProgress?.({ pairs, passages });
      await setImmediate(); // a model may wait for nothing; without a turn of the event loop nobody could stop it
    }
    for (const { queryId, documents: order } of window) {
      const top = ranked(scored.get(queryId)!);
      yield { queryId, documents: tail === "append" ? [...top, ...below(top, order.slice(depth))] : top };
    }
  }
}

/** Whole queries, best documents first, until there are pairs enough. */
async function* windowsOf(
  rankings: AsyncIterable<Ranking> | Iterable<Ranking>,
  depth: number,
): AsyncGenerator<Ranking[]> {
  let window: Ranking[] = [];
  let pairs = 0;
  for await (const { queryId, documents } of rankings) {
    window.push({ queryId, documents: ranked(documents) });
    pairs += Math.min(depth, documents.length);
    if (pairs < LOOK_AHEAD) continue;
    yield window;
    [window, pairs] = [[], 0];
  }
  if (window.length > 0) yield window;
}

/** A pair on its way through the model. */
interface Candidate {
  queryId: string;
  documentId: string;
  /** Of its document's passages, in order, as they come; those that are still missing. */
  scores: number[];
  missing: number;
}

/** What candidates are made of. */
interface CandidateTexts {
  texts: ReadonlyMap<string, string>;
  documents: Documents;
  depth: number;
  reading: DocumentReading;
}

function* candidates<Pieces, Row extends object>(
  model: Reranker<Pieces, Row>,
  window: readonly Ranking[],
  { texts, documents, depth, reading }: CandidateTexts,
): Generator<Row & { candidate: Candidate; place: number }> {
  for (const { queryId, documents: order } of window) {
    const pieces = model.queryPieces(texts.get(queryId)!);
    for (const { documentId } of order.slice(0, depth)) {
      const read = textsOf(documents.get(documentId)!, reading);
      const candidate = { queryId, documentId, scores: new Array<number>(read.length), missing: read.length };
      for (const [place, text] of read.entries()) yield { ...model.row(pieces, text), candidate, place };
    }
  }
}

/** The first-stage tail under the model's scores, one apart, so that its order stays. */
function below(top: readonly ScoredDocument[], rest: readonly ScoredDocument[]): ScoredDocument[] {
  const lowest = top.at(-1)?.score ?? 0;
  return rest.map(({ documentId }, i) => ({ documentId, score: Math.floor(lowest) - 1 - i }));
}

async function queryTexts(
  run: ReadonlyMap<string, unknown>,
  queries: AsyncIterable<Query> | Iterable<Query>,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { id, text } of queries) if (run.has(id)) texts.set(id, text);
  return texts;
}

/**
 * Refuses a ranking of what is not there.
 *
 * @returns Its pairs.
 * @throws {PropriaError} `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`, naming the id.
 */
export function checkRanking(
  { queryId, documents: list }: Ranking,
  texts: ReadonlyMap<string, string>,
  documents: Documents,
  { depth = DEFAULT_DEPTH }: Pick<RerankOptions, "depth"> = {},
): number {
  if (!texts.has(queryId))
    throw new PropriaError("QUERY_UNKNOWN", `the run answers query ${queryId}, which is not among the queries`, {
      mend: "is the run of another collection or split?",
    });
  const top = ranked(list).slice(0, depth);
  const unknown = top.find(({ documentId }) => !documents.has(documentId));
  if (unknown)
    throw new PropriaError("DOCUMENT_UNKNOWN", `the corpus has no document ${unknown.documentId}`, {
      at: `run, query ${queryId}`,
      mend: "is the run of another collection?",
    });
  return top.length;
}
