import type { NdArray, Scope, WeightedMean } from "@propria/engine";
import { type EncoderConfig, maskedTokenLoss as lossOfHead, type MaskedTokens } from "@propria/transformer-core";
import type { Scalar, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { MASK_RATE, MAX_MASKED, type MaskedRow, type MaskingOptions } from "./mask-tokens.ts";

/** Which positions of each row are masked and what stood there, `[B, P]` all; filled up with weight 0. */
export type MaskArrays = {
  readonly maskedPositions: NdArray<[number, number]>;
  readonly maskedLabels: NdArray<[number, number]>;
  readonly maskedWeights: NdArray<[number, number]>;
};

/**
 * The masks of a batch as arrays, for `maskedTokenLoss`.
 *
 * @param rows    One for each row of the batch, in its order.
 * @param width   `T` of the padded batch: it decides `P`, the most that `maskTokens` masks in a row so long, so that equal
 *                buckets have equal shapes.
 * @param options Those that `maskTokens` had.
 */
export function collateMasks(
  rows: readonly MaskedRow[],
  width: number,
  { rate = MASK_RATE, maxMasked = MAX_MASKED }: MaskingOptions = {},
): MaskArrays {
  const capacity = Math.min(maxMasked, Math.max(1, Math.round(rate * width)));
  const shape: [number, number] = [rows.length, capacity];
  const positions = new Int32Array(rows.length * capacity);
  const labels = new Int32Array(rows.length * capacity);
  const weights = new Float32Array(rows.length * capacity);
  rows.forEach((row, i) => {
    positions.set(row.positions, i * capacity);
    labels.set(row.labels, i * capacity);
    weights.fill(1, i * capacity, i * capacity + row.positions.length);
  });
  return {
    maskedPositions: { data: positions, shape },
    maskedLabels: { data: labels, shape },
    maskedWeights: { data: weights, shape },
  };
}

/**
 * BERT's masked language model loss: mean cross-entropy over the masked tokens of the batch, in nats.
 *
 * Needs the head's parameters: `heads: (config) => maskedLanguageModelInits(config)`, of @propria/transformer-core.
 *
 * @param context What `loss` was given.
 * @param hidden  `[B, T, H]`, of the masked rows.
 * @param masks   What `collateMasks` made, as tensors.
 */
export const maskedTokenLoss = (
  { scope, config }: { scope(path: string): Scope; config: EncoderConfig },
  hidden: Tensor3D,
  masks: MaskedTokens,
): Scalar => lossOfHead(scope(""), hidden, masks, config);

/**
 * The same for `represent`, which may see only a part of the batch: the mean of its masked tokens, and how many they are.
 *
 * @param scale Weight of the loss.
 */
export const maskedTokenMean = (
  context: { scope(path: string): Scope; config: EncoderConfig },
  hidden: Tensor3D,
  masks: MaskedTokens,
  scale = 1,
): WeightedMean => ({
  value: maskedTokenLoss(context, hidden, masks),
  weight: tf.sum(masks.maskedWeights) as Scalar,
  scale,
});
