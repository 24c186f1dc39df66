/** From hidden states to vectors. Shapes: `B` texts, `T` tokens each, `S` spans each, `H` hidden. */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const LEAST_WEIGHT = 1e-9; // weights that are all 0 give 0 instead of 0/0

/**
 * The weighted mean of each text's hidden states, `[B, T, H]` and `[B, T]` -> `[B, H]`: with the attention mask it is the mean
 * pooling of `@propria/transformer-core`, with other weights that of a part of the text.
 *
 * @param weights float32 or int32, ≥ 0.
 */
export function maskedMean(hidden: Tensor3D, weights: Tensor2D): Tensor2D {
  const [batch, length, width] = hidden.shape;
  const row = tf.reshape(tf.cast(weights, "float32"), [batch, 1, length]) as Tensor3D;
  const sum = tf.reshape(tf.matMul(row, hidden), [batch, width]);
  return tf.div(sum, tf.maximum(tf.sum(row, 2), LEAST_WEIGHT));
}

/**
 * The mean of the hidden states of each span, `[B, T, H]` -> `[B, S, H]`.
 *
 * @param starts  int32 `[B, S]`: the first token of each span.
 * @param ends    int32 `[B, S]`: the one after its last; an empty span gives 0.
 * @param weights Of the tokens, `[B, T]`, ≥ 0: those of weight 0 are left out of every span; by default all count alike.
 */
export function spanPooling(hidden: Tensor3D, starts: Tensor2D, ends: Tensor2D, weights?: Tensor2D): Tensor3D {
  const [batch, length] = hidden.shape;
  const spans = starts.shape[1];
  const places = tf.reshape(tf.range(0, length, 1, "int32"), [1, 1, length]);
  const edge = (x: Tensor2D) => tf.reshape(x, [batch, spans, 1]);
  const inside = tf.logicalAnd(tf.greaterEqual(places, edge(starts)), tf.less(places, edge(ends))); // [B, S, T]
  const all = tf.cast(inside, "float32") as Tensor3D;
  const taken = weights ? tf.mul(all, tf.reshape(tf.cast(weights, "float32"), [batch, 1, length])) : all;
  return tf.div(tf.matMul(taken as Tensor3D, hidden), tf.maximum(tf.sum(taken, 2, true), LEAST_WEIGHT));
}
