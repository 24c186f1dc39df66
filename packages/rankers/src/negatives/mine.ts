/** Static hard negatives: what a model ranks high and nobody judged relevant. */
import { PropriaError } from "@propria/base";
import { type Qrels, type Run, ranked, type ScoredDocument } from "@propria/metrics";
import type { Documents } from "../documents.ts";
import { type JudgedQueries, requireJudged, withPositives } from "../judged-queries.ts";
import {
  duplicateQuery,
  expectCount,
  type QueryEncoder,
  type Ranking,
  retrieve,
  type Searchable,
} from "../retrieval/retrieve.ts";
import { positivesOf, type QueryNegatives } from "./negatives.ts";
import { drawn } from "./sample.ts";

/** What becomes a negative. */
export interface MiningOptions {
  /** Documents from the top of each ranking, positives included; default 200. COSTA's code takes 200 too, after it left the positives out. */
  depth?: number;
  /** Negatives kept of those, drawn by the seed; default 30, as in COSTA's code. */
  keep?: number;
  /** Default 0. */
  seed?: number;
  /**
   * A candidate is likely relevant though not judged when it scores at least this share of the best judged positive's score; default 1:
   * at least as much. NV-Retriever takes 0.95.
   */
  falseNegativeMargin?: number;
  /**
   * Leave the likely false negatives out, before the draw; default false. Where no positive is within `depth`, none of the candidates is
   * known to be one, and all stay.
   */
  dropLikelyFalse?: boolean;
}

/** The negatives of one query, and what is to be said of them. */
export interface MinedQuery extends QueryNegatives {
  /** Of each negative, the ranking's. */
  scores: readonly number[];
  /** Documents within `depth` that are no positives: what the negatives are drawn from. */
  candidates: number;
  /** Likely false negatives among the candidates, dropped or not; 0 where no positive is found to compare them with. */
  likelyFalse: number;
  /** Whether a positive is within `depth`. */
  positiveFound: boolean;
  /** Fewer than `keep` are left. */
  short: boolean;
}

const DEFAULT_DEPTH = 200;
const DEFAULT_KEEP = 30;

/**
 * Negatives from rankings, for the queries that have a positive, in the rankings' order. One ranking is held at a time.
 *
 * The draw of a query is a function of the seed and its id. No judged positive is a negative; documents judged not relevant may be.
 *
 * @param rankings A run (of `readRun`, say), or rankings as `retrieve` gives them.
 * @throws {PropriaError} `MINING_OPTION`.
 * @see Xiong et al., "Approximate Nearest Neighbor Negative Contrastive Learning for Dense Text Retrieval", ICLR 2021. https://arxiv.org/abs/2007.00808
 * @see Moreira et al., "NV-Retriever: Improving text embedding models with effective hard-negative mining", 2024. https://arxiv.org/abs/2407.15831
 */
export async function* mineRankings(
  rankings: Run | AsyncIterable<Ranking> | Iterable<Ranking>,
  qrels: Qrels,
  options: MiningOptions = {},
): AsyncGenerator<MinedQuery> {
  const checked = checkedOptions(options);
  const given = rankings instanceof Map ? rankingsOf(rankings) : rankings;
  for await (const { queryId, documents } of given) {
    const positives = new Set(positivesOf(qrels, queryId));
    if (positives.size > 0) yield mined(queryId, ranked(documents).slice(0, checked.depth), positives, checked);
  }
}

/** Where negatives are mined, and from what. */
export interface Mining extends MiningOptions {
  model: QueryEncoder;
  /** The collection's documents. */
  index: Searchable;
  collection: JudgedQueries;
  /** The collection's documents, where the index may hold others: one that is not among them is refused, as a hit or as a positive. */
  documents?: Pick<Documents, "has">;
  /** The split whose queries get negatives; default `"train"`. */
  split?: string;
  /** As for `retrieve`. */
  block?: number;
  dropSelf?: boolean;
  onProgress?: (progress: { queries: number; totalQueries: number }) => void;
}

/**
 * Mines negatives for every query of a split that has a positive, in the collection's order of queries: blocks of queries go through the
 * model and the index, and memory holds one block.
 *
 * @throws {PropriaError} Before the first query: `NO_TRAINING_QUERIES`, `QUERY_UNKNOWN` for a judged query that the collection lacks,
 *   `DOCUMENT_UNKNOWN` for a positive that `documents` lacks, `DUPLICATE_QUERY`, `SPACE_MISMATCH`, `MINING_OPTION`, `RETRIEVAL_OPTION`.
 *   At the query that finds it: `DOCUMENT_UNKNOWN` for a hit that `documents` lacks.
 * @example
 * const report = await writeNegatives("mined.jsonl", mineNegatives({ model, index, collection }));
 */
export async function* mineNegatives({
  model,
  index,
  collection,
  documents,
  split = "train",
  block,
  dropSelf,
  onProgress,
  ...options
}: Mining): AsyncGenerator<MinedQuery> {
  const { depth } = checkedOptions(options);
  const qrels = await collection.qrels(split);
  const totalQueries = await checkQueries(collection, qrels, split);
  if (documents) requirePositives(documents, qrels, `${collection.name}, split ${split}`);
  const rankings = retrieve(model, index, withPositives(collection, qrels), {
    depth,
    ...(block !== undefined && { block }),
    ...(dropSelf !== undefined && { dropSelf }),
    ...(onProgress && { onProgress: ({ queries }) => onProgress({ queries, totalQueries }) }),
  });
  yield* mineRankings(documents ? within(documents, rankings, collection.name) : rankings, qrels, options);
}

/** Negatives are for training, which reads each of them. */
async function* within(
  documents: Pick<Documents, "has">,
  rankings: AsyncIterable<Ranking>,
  collection: string,
): AsyncGenerator<Ranking> {
  for await (const ranking of rankings) {
    const other = ranking.documents.find(({ documentId }) => !documents.has(documentId));
    if (other !== undefined)
      throw new PropriaError(
        "DOCUMENT_UNKNOWN",
        `holds ${other.documentId}, found for query ${ranking.queryId}, which is no document of ${collection}`,
        { at: "index", mend: "mine with an index of this collection's documents alone" },
      );
    yield ranking;
  }
}

function requirePositives(documents: Pick<Documents, "has">, qrels: Qrels, at: string): void {
  for (const queryId of qrels.keys())
    for (const documentId of positivesOf(qrels, queryId))
      if (!documents.has(documentId))
        throw new PropriaError(
          "DOCUMENT_UNKNOWN",
          `${documentId}, relevant to query ${queryId}, is no document of it`,
          {
            at,
            mend: "add the document to the corpus, or take it out of the judgements",
          },
        );
}

function mined(
  queryId: string,
  documents: readonly ScoredDocument[],
  positives: ReadonlySet<string>,
  { keep, seed, falseNegativeMargin, dropLikelyFalse }: Required<MiningOptions>,
): MinedQuery {
  const best = documents.find(({ documentId }) => positives.has(documentId));
  const least = best ? atLeast(best.score, falseNegativeMargin) : Number.POSITIVE_INFINITY;
  const candidates = documents.filter(({ documentId }) => !positives.has(documentId));
  const others = candidates.filter(({ score }) => score < least);
  const kept = drawn(queryId, dropLikelyFalse ? others : candidates, keep, seed);
  return {
    queryId,
    documentIds: kept.map(({ documentId }) => documentId),
    scores: kept.map(({ score }) => score),
    candidates: candidates.length,
    likelyFalse: candidates.length - others.length,
    positiveFound: best !== undefined,
    short: kept.length < keep,
  };
}

/** The score from which a candidate is suspected: below the positive's by a share of its size, whatever its sign. */
const atLeast = (score: number, margin: number): number => score - (1 - margin) * Math.abs(score);

function* rankingsOf(run: Run): Generator<Ranking> {
  for (const [queryId, documents] of run) yield { queryId, documents };
}

/** Counts the queries with a positive; what is amiss is said before hours are spent. */
async function checkQueries(collection: JudgedQueries, qrels: Qrels, split: string): Promise<number> {
  const seen = new Set<string>();
  for await (const { id } of withPositives(collection, qrels)) {
    if (seen.has(id)) throw duplicateQuery(id);
    seen.add(id);
  }
  requireJudged(seen, qrels, { name: collection.name, split });
  return seen.size;
}

function checkedOptions({
  depth = DEFAULT_DEPTH,
  keep = DEFAULT_KEEP,
  seed = 0,
  falseNegativeMargin = 1,
  dropLikelyFalse = false,
}: MiningOptions): Required<MiningOptions> {
  expectCount("depth", depth, "MINING_OPTION");
  expectCount("keep", keep, "MINING_OPTION");
  if (!(falseNegativeMargin > 0 && falseNegativeMargin <= 1))
    throw new PropriaError("MINING_OPTION", `falseNegativeMargin is ${falseNegativeMargin}`, {
      mend: "above 0 and at most 1",
    });
  return { depth, keep, seed, falseNegativeMargin, dropLikelyFalse };
}
