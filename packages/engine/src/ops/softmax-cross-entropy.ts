import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { hasFused, runFused } from "./fused.ts";
import { withGradient } from "./with-gradient.ts";

/**
 * Weighted mean of −log softmax(logits)[label] over the rows, in nats: Σ wᵢ·lossᵢ / Σ wᵢ, and 0 when every weight is 0.
 *
 * @param logits  `[N, C]`.
 * @param labels  int32 `[N]`.
 * @param weights float32 `[N]`, ≥ 0; padding has 0.
 */
export function softmaxCrossEntropy(logits: Tensor2D, labels: Tensor1D, weights: Tensor1D): Scalar {
  const share = shareOf(weights); // [N]
  return withGradient([logits], () => {
    const { perRow, probabilities } = crossEntropyOfRows(logits, labels);
    return { value: tf.sum(tf.mul(perRow, share)), saved: [probabilities, labels, share], gradient: backward };
  });
}

/** {@link softmaxCrossEntropy} as a composition of tfjs ops, with their gradients. */
export function plainSoftmaxCrossEntropy(logits: Tensor2D, labels: Tensor1D, weights: Tensor1D): Scalar {
  const chosen = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, logits.shape[1])), 1); // [N]
  return tf.neg(tf.sum(tf.mul(chosen, shareOf(weights)))) as Scalar;
}

/** (softmax − one-hot), each row times its share. */
function backward(dy: Tensor, saved: Tensor[]): Tensor[] {
  const [probabilities, labels, share] = saved as [Tensor2D, Tensor1D, Tensor1D];
  const difference = tf.sub(probabilities, tf.oneHot(labels, probabilities.shape[1]));
  return [tf.mul(difference, tf.reshape(tf.mul(share, dy), [-1, 1]))];
}

/** Each row's share of the mean, `[N]`; all 0 when the weights are. */
export const shareOf = (weights: Tensor1D): Tensor1D => tf.div(weights, tf.maximum(tf.sum(weights), SMALLEST_TOTAL));

const SMALLEST_TOTAL = 1e-20; // 0 / this is 0, where 0 / 0 would be NaN

/** −log softmax(logits)[label] of each row `[N]`, and softmax(logits) `[N, C]`. */
export function crossEntropyOfRows(logits: Tensor2D, labels: Tensor1D): { perRow: Tensor1D; probabilities: Tensor2D } {
  const probabilities = tf.softmax(logits);
  // The largest probability is 1 / Σ exp(z − max z), so log Σ exp z needs no second pass of exponentials.
  const logTotal = tf.sub(tf.max(logits, 1), tf.log(tf.max(probabilities, 1))); // [N]
  return { perRow: tf.sub(logTotal, pickColumns(logits, labels)) as Tensor1D, probabilities };
}

/** x[i, columns[i]] of each row, `[N]`. */
function pickColumns(x: Tensor2D, columns: Tensor1D): Tensor1D {
  if (hasFused("PickColumns")) return runFused("PickColumns", { x, columns })[0] as Tensor1D;
  const [rows, width] = x.shape;
  const index = tf.add(tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(width, "int32")), columns);
  return tf.gather(tf.reshape(x, [rows * width]), index);
}
