/** What every kind of index offers. */
import type { ScoredDocument } from "@propria/metrics";
import type { Space } from "./space.ts";

/** How vectors are compared. For `cosine` they are scaled to length 1 when they come in; a vector of zeros has score 0 with all. */
export type Similarity = "dot" | "cosine";

/** `exact`, `hnsw`, or `faiss:` with one of the factories that {@link factoryForms} lists, such as `faiss:IVF316,Flat`. */
export type IndexKind = "exact" | "hnsw" | `faiss:${string}`;

/** What an index says of itself. */
export interface IndexInfo {
  kind: IndexKind;
  dimensions: number;
  similarity: Similarity;
  /** Documents. */
  size: number;
  space: Space | undefined;
  /** The SHA-256 of the space. */
  spaceHash: string | undefined;
  /** Bytes of memory for the vectors and the graph or lists over them. */
  bytes: number;
  /** The options of the kind, defaults included. */
  options: Readonly<Record<string, string | number | boolean | null>>;
}

/** What {@link DenseIndex.search} takes. */
export interface SearchOptions {
  /** Documents for each query. */
  depth: number;
}

/**
 * Documents by their vectors. Calls take their turns in the order in which they come; none blocks the event loop for long.
 */
export interface DenseIndex {
  readonly kind: IndexKind;
  readonly dimensions: number;
  readonly similarity: Similarity;
  /** Documents. */
  readonly size: number;
  readonly space: Space | undefined;
  /** Whether a document of this id has been added and not deleted; additions that wait for their turn do not count. */
  has(documentId: string): boolean;
  /**
   * Adds documents, all or, after an error of the input, none.
   *
   * @param ids     New to the index; one word each, as a run holds them.
   * @param vectors float32 `[ids, dimensions]`, row after row; not kept.
   * @throws {PropriaError} `DUPLICATE_ID`, `ID_SPACE`, `NOT_FINITE`, `DIMENSIONS`.
   */
  add(ids: readonly string[], vectors: Float32Array): Promise<void>;
  /** Removes documents; ids that the index does not have are passed over. @returns How many were there. */
  delete(ids: readonly string[]): Promise<number>;
  /**
   * The best documents of each query, best first, ties by document id, descending, as trec_eval ranks.
   *
   * @param queries float32 `[queries, dimensions]`.
   * @throws {PropriaError} `DEPTH`, `NOT_FINITE`, `DIMENSIONS`, `TOO_FEW_VECTORS`.
   */
  search(queries: Float32Array, options: SearchOptions): Promise<ScoredDocument[][]>;
  /**
   * Writes the index to a folder; one that is there is replaced at one instant, so that a process killed at any other leaves it.
   *
   * @throws {PropriaError} `OUT_EXISTS` when the folder holds something else, `DISK_FULL`, `NO_PERMISSION`, `TOO_FEW_VECTORS`.
   */
  save(folder: string): Promise<void>;
  info(): IndexInfo;
  /** Frees memory and native handles; the index is of no use afterwards. */
  release(): Promise<void>;
}
