/** Pairwise hinge with a margin. */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * max(0, margin − (s⁺ − s⁻)), mean over the K − 1 pairs of each group.
 *
 * @param scores `[G, K]`, the positive in column 0.
 */
export function hinge(scores: Tensor2D, margin: number): Scalar {
  const [groups, size] = scores.shape;
  const positive = tf.slice(scores, [0, 0], [groups, 1]); // [G, 1]
  const negatives = tf.slice(scores, [0, 1], [groups, size - 1]); // [G, K − 1]
  return tf.mean(tf.relu(tf.add(tf.sub(negatives, positive), margin)));
}
