/** Rows of token ids to vectors, in batches of similar length. */
import { PropriaError } from "@propria/base";
import { type BatchShape, sortedBatches } from "../length-batches.ts";

/** What encoding needs of a model. */
export interface EncodeOptions {
  /** Tokens of a batch, padding included. */
  batchTokens: number;
  /** No row is longer, and none is padded beyond it. In tokens. */
  maxTokens: number;
  dimensions: number;
  /** The vectors of `rows`, `[≥ rows.length · dimensions]`. */
  run(rows: readonly number[][], shape: BatchShape): Promise<Float32Array>;
}

/**
 * The vectors of all rows in their order, `[rows.length · dimensions]`.
 *
 * @throws {PropriaError} `VECTOR_NOT_FINITE` naming the row.
 */
export async function encodeBatches(
  rows: readonly number[][],
  { batchTokens, maxTokens, dimensions, run }: EncodeOptions,
): Promise<Float32Array> {
  const vectors = new Float32Array(rows.length * dimensions);
  const placed = rows.map((ids, place) => ({ ids, place }));
  const batches = sortedBatches(placed, { tokensOf: ({ ids }) => ids.length, batchTokens, maxTokens, widthOf });
  for (const { rows: batch, ...shape } of batches) {
    const found = await run(
      batch.map(({ ids }) => ids),
      shape,
    );
    for (const [i, { place }] of batch.entries()) {
      const vector = found.subarray(i * dimensions, (i + 1) * dimensions);
      if (!vector.every(Number.isFinite)) throw notFinite(place);
      vectors.set(vector, place * dimensions);
    }
  }
  return vectors;
}

const STEP = 16; // tokens; finer pads less and compiles more

/** The width that a row is padded to. */
const widthOf = (tokens: number): number => Math.ceil(tokens / STEP) * STEP;

const notFinite = (place: number) =>
  new PropriaError("VECTOR_NOT_FINITE", `the model's vector of text ${place} has a number that is not finite`, {
    mend: "its weights are damaged, or its training diverged",
  });
