/** Rows of token ids to vectors, in batches of similar length. */
import { PropriaError } from "@propria/base";
import { rowsOf, staticRows } from "../length-batches.ts";
import type { TextBatch } from "./bi-encoder.ts";

/** A batch's static shape. */
export interface BatchShape {
  /** Tokens. */
  width: number;
  /** Rows, those that are not there included. */
  count: number;
}

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
  const longestFirst = Uint32Array.from(rows, (_, place) => place).sort(
    (a, b) => rows[b]!.length - rows[a]!.length || a - b,
  );
  for (let start = 0; start < rows.length; ) {
    const width = Math.min(widthOf(rows[longestFirst[start]!]!.length), maxTokens);
    const full = rowsOf(width, batchTokens);
    const places = longestFirst.subarray(start, start + full);
    const found = await run(
      Array.from(places, (place) => rows[place]!),
      { width, count: staticRows(places.length, full) },
    );
    for (const [i, place] of places.entries()) {
      const vector = found.subarray(i * dimensions, (i + 1) * dimensions);
      if (!vector.every(Number.isFinite)) throw notFinite(place);
      vectors.set(vector, place * dimensions);
    }
    start += places.length;
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

/** Rows of ids as arrays `[count, width]`; rows that are not there are padding with one visible token, and nobody reads their vectors. */
export function padTexts(
  rows: readonly (readonly number[])[],
  { width, count, padId }: BatchShape & { padId: number },
): TextBatch {
  const shape: [number, number] = [count, width];
  const inputIds = new Int32Array(count * width).fill(padId);
  const attentionMask = new Int32Array(count * width);
  for (const [i, ids] of rows.entries()) {
    inputIds.set(ids, i * width);
    attentionMask.fill(1, i * width, i * width + ids.length);
  }
  for (let i = rows.length; i < count; i++) attentionMask[i * width] = 1; // a softmax over nothing would be NaN
  return { inputIds: { data: inputIds, shape }, attentionMask: { data: attentionMask, shape } };
}
