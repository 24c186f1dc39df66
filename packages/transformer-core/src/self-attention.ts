/**
 * Multi-head self-attention with its linear maps.
 *
 * Shapes in this file: `B` texts, `T` tokens each, `N` heads of width `D`, `H = N·D` hidden.
 *
 * @see Vaswani et al., "Attention Is All You Need", NeurIPS 2017, §3.2. https://arxiv.org/abs/1706.03762
 */
import { attention, linear, type Prefix, type Scope } from "@propria/engine";
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "./config.ts";

const MASKED = -1e4; // BERT's own; far below any score, and exp(−10⁴) is exactly 0 in float32

/**
 * softmax(QKᵀ/√D + bias)·V of all heads, through the output map; `[B, T, H]` in and out.
 *
 * @param text What is attended to, `[B, S, H]`, where that is more than `x`.
 */
export function selfAttention(
  p: Scope,
  x: Tensor3D,
  bias: Tensor4D,
  config: EncoderConfig,
  text: Tensor3D = x,
): Tensor3D {
  const [batch, length] = x.shape;
  const { heads, dropout, attentionDropout } = config;
  const map = (name: string, of: Tensor3D) => linear(p.at(`self.${name}`), of) as Tensor3D;
  const q = map("query", x); // [B, T, H]
  const own = { keys: map("key", text), values: map("value", text), bias }; // [B, S, H]
  const prefix = p.sites.prefix?.(p.at("self").path, text);
  const { keys, values, bias: seen } = prefix ? behind(prefix, own) : own; // [B, P + S, H]
  const mask = p.masks.mask([batch, heads, length, keys.shape[1]], attentionDropout); // [B, N, T, P + S]
  const mixed = attention(q, keys, values, { heads, bias: seen, mask }); // [B, T, H]
  const y = p.dropout(linear(p.at("output.dense"), mixed) as Tensor3D, dropout); // [B, T, H]
  return p.sites.sublayer?.(p.path, x, y) ?? y;
}

/** A text's own keys, values and bias behind those of a prefix. */
export function behind({ keys, values, bias }: Prefix, own: Required<Prefix>): Required<Prefix> {
  const [batch, , width] = own.keys.shape;
  const length = keys.shape[1];
  const before = (extra: Tensor3D, text: Tensor3D): Tensor3D =>
    tf.concat([tf.broadcastTo(extra, [batch, length, width]) as Tensor3D, text], 1);
  const [texts, , rows, tokens] = own.bias.shape; // 1 or B, and 1 or T
  const both = Math.max(texts, bias?.shape[0] ?? 1);
  const visible = tf.broadcastTo(bias ?? tf.zeros([1, 1, 1, length]), [both, 1, rows, length]) as Tensor4D;
  const textBias = tf.broadcastTo(own.bias, [both, 1, rows, tokens]) as Tensor4D;
  return {
    keys: before(keys, own.keys),
    values: before(values, own.values),
    bias: tf.concat([visible, textBias], 3),
  };
}

/** 0 where a token may be attended to and −10⁴ where it may not, `[B, T]` -> `[B, 1, 1, T]` to add to `[B, N, T, T]` scores. */
export function attentionBias(attentionMask: Tensor2D): Tensor4D {
  const [batch, length] = attentionMask.shape;
  return tf.mul(tf.reshape(tf.sub(1, tf.cast(attentionMask, "float32")), [batch, 1, 1, length]), MASKED);
}
