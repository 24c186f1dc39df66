import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./with-gradient.ts";

/**
 * Rows of `x` `[R, ...]` at `indices` (int32, any shape): `[...indices.shape, ...]`. The gradient of `x` is the sum of the rows' by
 * index; under tracing, when `x` is a parameter, these rows leave the graph and are added to its gradient in place, so a large
 * embedding table costs what its touched rows cost.
 */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  const [rows, ...rest] = x.shape as [number, ...number[]];
  const flat = tf.reshape(tf.cast(indices, "int32"), [-1]); // [N]
  const gathered = withGradient([x], () => ({
    value: tf.gather(x, flat),
    saved: [flat],
    gradient: (dy, [flat]) => [tf.unsortedSegmentSum(dy, flat as Tensor1D, rows)],
  }));
  return tf.reshape(gathered, [...indices.shape, ...rest]);
}

/** {@link gatherRows} with tfjs' own gradient. */
export const plainGatherRows = (x: Tensor, indices: Tensor): Tensor => tf.gather(x, tf.cast(indices, "int32"));
