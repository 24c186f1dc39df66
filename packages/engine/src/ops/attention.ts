import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** What attention takes besides queries, keys and values. */
export interface AttentionOptions {
  /** The number of heads; divides the width. */
  heads: number;
  /** Added to the scores, `[B, 1, 1, S]` (broadcast): 0 where a key may be attended to, very negative where not. */
  bias?: Tensor | undefined;
  /** Dropout mask of the attention weights, `[B, heads, T, S]`. */
  mask?: Tensor | undefined;
}

/**
 * Multi-head scaled dot-product attention: softmax(q kᵀ / √D + bias) v in each head.
 *
 * @param q `[B, T, H]`.
 * @param k `[B, S, H]`; S may differ from T.
 * @param v `[B, S, H]`.
 * @returns `[B, T, H]`, the heads side by side.
 * @see Vaswani et al., "Attention Is All You Need", NIPS 2017, Eq. 1. https://arxiv.org/abs/1706.03762
 */
export function attention(q: Tensor3D, k: Tensor3D, v: Tensor3D, { heads, bias, mask }: AttentionOptions): Tensor3D {
  return plainAttention(q, k, v, { heads, bias, mask });
}

/** {@link attention} as a composition of tfjs ops, with their gradients. */
export function plainAttention(
  q: Tensor3D,
  k: Tensor3D,
  v: Tensor3D,
  { heads, bias, mask }: AttentionOptions,
): Tensor3D {
  const scale = 1 / Math.sqrt(q.shape[2] / heads);
  const scores = tf.mul(tf.matMul(splitHeads(q, heads), splitHeads(k, heads), false, true), scale); // [B, N, T, S]
  const weights = tf.softmax(bias ? tf.add(scores, bias) : scores);
  return mergeHeads(tf.matMul(mask ? tf.mul(weights, mask) : weights, splitHeads(v, heads)) as Tensor4D);
}

/** `[B, T, N·D]` -> `[B, N, T, D]`. */
export function splitHeads(x: Tensor3D, heads: number): Tensor4D {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]) as Tensor4D;
}

/** `[B, N, T, D]` -> `[B, T, N·D]`. */
export function mergeHeads(x: Tensor4D): Tensor3D {
  const [batch, heads, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}
