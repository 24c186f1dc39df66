/** What re-ranking needs of a model: pairs in, scores out, as a stream. */
import type { LengthBatch } from "./length-batches.ts";
import type { PassageReading } from "./passages.ts";

/**
 * A model that scores a document for a query.
 *
 * `Pieces` is what it reads of a query, once for all of its documents; `Row` one pair.
 */
export interface Reranker<Pieces = unknown, Row extends object = object> {
  /** How it reads long documents where nothing else is asked for; default: from the start, as much as a row holds. */
  readonly passages?: PassageReading | undefined;
  /** What is read of a query. */
  queryPieces(query: string): Pieces;
  /** The row of a pair. */
  row(query: Pieces, document: string): Row;
  /** Rows to batches of similar length; what else a row carries stays with it. */
  batches<Given extends Row>(rows: Iterable<Given>): Iterable<LengthBatch<Given>>;
  /** The score of each row of a batch; NaN and infinities are passed on. */
  scoreBatch(batch: LengthBatch<Row>): Promise<Float32Array>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}
