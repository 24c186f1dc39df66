import { softmaxCrossEntropy } from "@propria/engine";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const NEVER = -1e9; // below any score, and exp(NEVER − max) is exactly 0

/**
 * Contrast of two views of each text: each view should score its sibling above the views of all other texts.
 *
 * @param scores Of every view with every view, `[2N, 2N]`; rows 2i and 2i + 1 are the views of text i. The diagonal does not count.
 * @returns      Mean over the views, in nats; ln(2N − 1) when all scores are equal.
 */
export function siblingContrastive(scores: Tensor2D): Scalar {
  const views = scores.shape[0];
  const diagonal = new Float32Array(views * views);
  for (let i = 0; i < views; i++) diagonal[i * views + i] = NEVER;
  const others = tf.add(scores, tf.tensor2d(diagonal, [views, views])) as Tensor2D;
  const siblings = tf.tensor1d(
    Int32Array.from({ length: views }, (_, i) => i ^ 1),
    "int32",
  ) as Tensor1D;
  return softmaxCrossEntropy(others, siblings, tf.ones([views]) as Tensor1D);
}
