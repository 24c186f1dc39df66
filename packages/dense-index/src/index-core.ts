import type { Candidates } from "./documents/ranking.ts";
import type { StoredFile } from "./storage/files.ts";

/** What a search may ask of the documents. */
export interface Rows {
  /** Rows, holes included. */
  count: number;
  /** Rows that have a document. */
  live: number;
  /** Whether a row has a document. */
  has(row: number): boolean;
}

/**
 * What a kind of index does itself: vectors by row number. Its calls never overlap; vectors come checked, and scaled for cosine.
 */
export interface IndexCore {
  /** Whether the row of a deleted document may be given to another one. */
  readonly reusesRows: boolean;
  readonly bytes: number;
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  /** Puts vectors, which the core may keep, into rows: holes, or the rows after the last. */
  put(rows: readonly number[], vectors: Float32Array): Promise<void>;
  /** The rows' documents are gone. */
  drop(rows: readonly number[]): Promise<void>;
  /** For each query candidates with their scores: the `depth` best live rows and what ties with the last, and perhaps more. `rows.live` > 0. */
  search(queries: Float32Array, depth: number, rows: Rows): Promise<Candidates[]>;
  /** Writes what {@link put} got. */
  save(folder: string, rows: Rows): Promise<Record<string, StoredFile>>;
  release(): Promise<void>;
}
