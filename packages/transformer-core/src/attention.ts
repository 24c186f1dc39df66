/**
 * Multi-head self-attention.
 *
 * Shapes in this file: `B` texts, `T` tokens each, `N` heads of width `D`, `H = N·D` hidden.
 *
 * @see Vaswani et al., "Attention Is All You Need", NeurIPS 2017, §3.2. https://arxiv.org/abs/1706.03762
 */
import { linear, type Scope } from "@propria/engine";
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "./config.ts";

const MASKED = -1e9; // far below any score, so that its probability is exactly 0 in float32, and still finite

/** softmax(QKᵀ/√D + mask)·V of all heads, through the output map; `[B, T, H]` in and out. */
export function attention(p: Scope, x: Tensor3D, mask: Tensor4D, config: EncoderConfig): Tensor3D {
  const { heads, dropout, attentionDropout } = config;
  const q = splitHeads(linear(p.at("self.query"), x), heads); // [B, N, T, D]
  const k = splitHeads(linear(p.at("self.key"), x), heads); // [B, N, T, D]
  const v = splitHeads(linear(p.at("self.value"), x), heads); // [B, N, T, D]

  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3])); // [B, N, T, T]
  const weights = p.at("self").dropout(tf.softmax(tf.add(scores, mask)), attentionDropout) as Tensor4D;
  const mixed = mergeHeads(tf.matMul(weights, v)); // [B, T, H]

  const y = p.dropout(linear(p.at("output.dense"), mixed), dropout);
  return p.sites.sublayer?.(p.path, y) ?? y;
}

/** 0 where a token may be attended to and −10⁹ where it may not, `[B, T]` -> `[B, 1, 1, T]` to add to `[B, N, T, T]` scores. */
export function attentionBias(attentionMask: Tensor2D): Tensor4D {
  const [batch, length] = attentionMask.shape;
  return tf.mul(tf.reshape(tf.sub(1, tf.cast(attentionMask, "float32")), [batch, 1, 1, length]), MASKED);
}

function splitHeads(x: Tensor3D, heads: number): Tensor4D {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

function mergeHeads(x: Tensor4D): Tensor3D {
  const [batch, heads, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}
