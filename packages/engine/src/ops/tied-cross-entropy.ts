import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { affine } from "./linear.ts";
import { crossEntropyOfRows, plainSoftmaxCrossEntropy, shareOf } from "./softmax-cross-entropy.ts";
import { withGradient } from "./with-gradient.ts";

/**
 * The loss of a masked-language-model head whose decoder is the embedding table:
 * `softmaxCrossEntropy(hidden tableᵀ + bias, labels, weights)`.
 *
 * The `[P, V]` matrix of logits is touched as little as can be: the row weights scale `hidden`, and the −1 at each
 * label becomes a row of `table` (for `hidden`) and a row added at the label (for `table`), outside that matrix.
 *
 * @param hidden  `[P, H]`, one row for each masked position.
 * @param table   `[V, H]`, the word embeddings.
 * @param bias    `[V]`.
 * @param labels  int32 `[P]`.
 * @param weights float32 `[P]`; padded positions have 0.
 */
export function tiedCrossEntropy(
  hidden: Tensor2D,
  table: Tensor2D,
  bias: Tensor1D,
  labels: Tensor1D,
  weights: Tensor1D,
): Scalar {
  const share = shareOf(weights); // [P]
  return withGradient([hidden, table, bias], () => {
    const { perRow, probabilities } = crossEntropyOfRows(affine(hidden, table, bias), labels);
    return {
      value: tf.sum(tf.mul(perRow, share)),
      saved: [probabilities, hidden, table, labels, share],
      gradient: backward,
    };
  });
}

/** {@link tiedCrossEntropy} as a composition of tfjs ops, with their gradients. */
export const plainTiedCrossEntropy = (
  hidden: Tensor2D,
  table: Tensor2D,
  bias: Tensor1D,
  labels: Tensor1D,
  weights: Tensor1D,
): Scalar => plainSoftmaxCrossEntropy(affine(hidden, table, bias), labels, weights);

/** The gradients of hidden, table and bias; q is softmax − one-hot, and s the rows' weights. */
function backward(dy: Tensor, saved: Tensor[]): Tensor[] {
  const [probabilities, hidden, table, labels, share] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor1D, Tensor1D];
  const size = table.shape[0];
  const scale = tf.reshape(tf.mul(share, dy), [-1, 1]) as Tensor2D; // s [P, 1]
  const scaled = tf.mul(hidden, scale) as Tensor2D; // [P, H]
  const dHidden = tf.mul(tf.sub(tf.matMul(probabilities, table), tf.gather(table, labels)), scale); // s · q table
  const dTable = tf.add(
    tf.matMul(probabilities, scaled, true, false), // [V, H]
    tf.unsortedSegmentSum(tf.neg(scaled), labels, size),
  );
  const dBias = tf.add(
    tf.reshape(tf.matMul(scale, probabilities, true, false), [size]),
    tf.unsortedSegmentSum(tf.reshape(tf.neg(scale), [-1]) as Tensor1D, labels, size),
  );
  return [dHidden, dTable, dBias];
}
