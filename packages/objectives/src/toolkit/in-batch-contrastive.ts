import { softmaxCrossEntropy } from "@propria/engine";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Below this squared length a vector counts as zero: its gradient would be unbounded. */
const LEAST_SQUARED_LENGTH = 1e-12;

/** Vectors of length 1, `[B, H]` -> `[B, H]`. */
export const l2Normalize = (x: Tensor2D): Tensor2D =>
  tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), 1, true), LEAST_SQUARED_LENGTH)));

/**
 * InfoNCE with in-batch negatives: query `i` should score passage `i` above every other passage of the batch.
 *
 * @param queries     `[B, H]`; one alone has no negatives, and the loss is 0.
 * @param passages    `[B, H]`
 * @param temperature Divides the scores; in (0, ∞), small is sharp.
 * @returns           Mean over the batch, in nats; ln B when all scores are equal.
 */
export function inBatchContrastive(queries: Tensor2D, passages: Tensor2D, temperature: number): Scalar {
  const [batch] = queries.shape;
  if (batch === 1) return tf.mul(tf.sum(tf.mul(queries, passages)), 0);
  const scores = tf.div(tf.matMul(queries, passages, false, true), temperature) as Tensor2D; // [B, B]
  const own = tf.range(0, batch, 1, "int32") as Tensor1D; // [B]
  return softmaxCrossEntropy(scores, own, tf.ones([batch]) as Tensor1D);
}
