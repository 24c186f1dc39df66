/** Rows of token ids to the arrays of a forward pass. */
import type { TextBatch } from "./bi-encoder/bi-encoder.ts";
import type { BatchShape } from "./length-batches.ts";

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
