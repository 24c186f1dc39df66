/** First-stage retrieval: queries as vectors, and the documents nearest to them. */
import { PropriaError } from "@propria/base";
import type { Query } from "@propria/collection";
import { type DenseIndex, requireSameSpace, type Space } from "@propria/dense-index";
import type { Run, ScoredDocument } from "@propria/metrics";

/** What retrieval asks of a model: a `BiEncoder` is one. */
export interface QueryEncoder {
  readonly space: Space;
  readonly dimensions: number;
  /** Row after row, `[queries · dimensions]`. */
  encodeQueries(texts: readonly string[]): Promise<Float32Array>;
}

/** What retrieval asks of an index: a `DenseIndex` is one. */
export type Searchable = Pick<DenseIndex, "dimensions" | "similarity" | "space" | "search">;

/** The answer to one query. */
export interface Ranking {
  queryId: string;
  /** Best first, ties as everywhere. */
  documents: ScoredDocument[];
}

/** How much is looked for, and how. */
export interface RetrieveOptions {
  /** Documents for each query; default 1000, as in the evaluation of dense retrieval. */
  depth?: number;
  /** Queries that are encoded and searched together: what decides the memory; default 256. A guess. */
  block?: number;
  /**
   * Leave out a document whose id is the query's, as BEIR does, for collections whose queries are documents (Quora, ArguAna); default
   * false: ids that are equal by accident cost no document. Another one takes its place, so `depth` documents stay.
   */
  dropSelf?: boolean;
  /** Called after each block with the queries answered so far. */
  onProgress?: (progress: { queries: number }) => void;
}

const DEFAULT_DEPTH = 1000;
const DEFAULT_BLOCK = 256;

/**
 * Answers queries as they come, block by block, in their order. No more than a block's vectors and rankings are held.
 *
 * @throws {PropriaError} `SPACE_MISMATCH` before the first query, naming the field in which the model's space and the index' differ;
 *   `RETRIEVAL_OPTION`; what the model and the index throw.
 */
export async function* retrieve(
  model: QueryEncoder,
  index: Searchable,
  queries: AsyncIterable<Query> | Iterable<Query>,
  { depth = DEFAULT_DEPTH, block = DEFAULT_BLOCK, dropSelf = false, onProgress }: RetrieveOptions = {},
): AsyncGenerator<Ranking> {
  expectCount("depth", depth);
  expectCount("block", block);
  requireComparable(model, index);
  let done = 0;
  for await (const asked of blocksOf(queries, block)) {
    const vectors = await model.encodeQueries(asked.map(({ text }) => text));
    const found = await index.search(vectors, { depth: dropSelf ? depth + 1 : depth });
    for (const [i, { id }] of asked.entries()) {
      const documents = dropSelf ? found[i]!.filter(({ documentId }) => documentId !== id) : found[i]!;
      yield { queryId: id, documents: documents.slice(0, depth) };
    }
    done += asked.length;
    onProgress?.({ queries: done });
  }
}

/**
 * Answers all queries: a run, held in memory. As {@link retrieve}, and `DUPLICATE_QUERY` when two queries have one id.
 *
 * @example
 * await writeRun("dense.run", await searchIndex(model, index, collection.queries(), { depth: 100 }), { tag: runTag(model.space) });
 */
export async function searchIndex(
  model: QueryEncoder,
  index: Searchable,
  queries: AsyncIterable<Query> | Iterable<Query>,
  options: RetrieveOptions = {},
): Promise<Run> {
  const run: Run = new Map();
  for await (const { queryId, documents } of retrieve(model, index, queries, options)) {
    if (run.has(queryId)) throw duplicateQuery(queryId);
    run.set(queryId, documents);
  }
  return run;
}

/** The error for a query id that comes twice: a run or a file of negatives has one entry for each. */
export const duplicateQuery = (queryId: string) =>
  new PropriaError("DUPLICATE_QUERY", `two queries have the id ${JSON.stringify(queryId)}`, {
    mend: "ids must be unique",
  });

/** Vectors of the model and of the index have scores with each other that mean something. */
function requireComparable({ space, dimensions }: QueryEncoder, index: Searchable): void {
  requireSameSpace(space, index.space, { at: "index" });
  const mismatch = (field: string, has: string | number, needs: string | number) =>
    new PropriaError("SPACE_MISMATCH", `${field} is ${has}, the model's is ${needs}`, {
      at: "index",
      mend: "build the index anew from the vectors of this model",
    });
  if (index.dimensions !== dimensions) throw mismatch("dimensions", index.dimensions, dimensions);
  const { similarity, normalize } = space;
  if ((similarity === "dot" || similarity === "cosine") && normalize !== true && similarity !== index.similarity)
    throw mismatch("similarity", index.similarity, similarity);
}

/** Lists of `size` items, the last with what is left. */
export async function* blocksOf<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  size: number,
): AsyncGenerator<Item[]> {
  let block: Item[] = [];
  for await (const item of items) {
    block.push(item);
    if (block.length < size) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

/** Refuses an option that is no whole number from 1. */
export function expectCount(option: string, value: number, code = "RETRIEVAL_OPTION"): void {
  if (!(Number.isInteger(value) && value >= 1))
    throw new PropriaError(code, `${option} is ${value}`, { mend: "a whole number, 1 or more" });
}
