/**
 * A Transformer decoder that sees a text only through one vector.
 *
 * Shapes in this file: `B` texts, `T` tokens each, `W` the decoder's width, `H` the vector's.
 *
 * @see Vaswani et al., "Attention Is All You Need", NeurIPS 2017, §3.1. https://arxiv.org/abs/1706.03762
 */
import { attention, gelu, layerNorm, linear, type Scope } from "@propria/engine";
import {
  denseInits,
  type EncoderConfig,
  type Inits,
  layerNormInits,
  transformerLayerInits,
} from "@propria/transformer-core";
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const MASKED = -1e4; // as the encoder's: exp(−10⁴) is exactly 0 in float32

/**
 * Which tokens each may attend to, to add to the scores, `[1, 1, T, T]`: token i sees i − window + 1 … i, and always the first.
 *
 * @param window Tokens, itself among them; `"all"`: everything before it, as in a usual decoder.
 */
export function windowBias(length: number, window: number | "all"): Tensor4D {
  const data = new Float32Array(length * length).fill(MASKED);
  for (let i = 0; i < length; i++) {
    data[i * length] = 0;
    const first = window === "all" ? 0 : Math.max(0, i - window + 1);
    data.fill(0, i * length + first, i * length + i + 1);
  }
  return tf.tensor4d(data, [1, 1, length, length]);
}

/**
 * One decoder layer, post-norm: self-attention, then attention to the one vector, then the feed-forward.
 *
 * With one key every attention weight is 1, so attending to the vector adds W_o W_v h at every position, and no query or key matters.
 * There are none. Dropout falls at BERT's places, and on what the vector adds in the same way at every position of a text.
 *
 * @param p      The layer's parameters: {@link decoderLayerInits}, or an encoder's layer to share it.
 * @param x      `[B, T, W]`.
 * @param vector `[B, H]`.
 * @param bias   {@link windowBias}.
 * @param cross  The parameters of the attention to the vector, where they stand elsewhere: {@link crossAttentionInits}.
 * @returns      `[B, T, W]`.
 */
export function decoderLayer(
  p: Scope,
  x: Tensor3D,
  vector: Tensor2D,
  { bias, config, cross = p.at("crossattention") }: { bias: Tensor4D; config: EncoderConfig; cross?: Scope },
): Tensor3D {
  const { dropout, layerNormEpsilon: epsilon } = config;
  const [batch, , width] = x.shape;

  const attended = selfAttention(p.at("attention"), x, bias, config);
  const y = layerNorm(p.at("attention.output.LayerNorm"), tf.add(x, attended), epsilon); // [B, T, W]

  const told = linear(cross.at("output.dense"), linear(cross.at("self.value"), vector)); // [B, W]
  const added = cross.dropout(tf.reshape(told, [batch, 1, width]), dropout);
  const z = layerNorm(cross.at("output.LayerNorm"), tf.add(y, added), epsilon); // [B, T, W]

  const inner = gelu(linear(p.at("intermediate.dense"), z)); // [B, T, 4W]
  const fed = p.dropout(linear(p.at("output.dense"), inner), dropout);
  return layerNorm(p.at("output.LayerNorm"), tf.add(z, fed) as Tensor3D, epsilon);
}

/**
 * A decoder layer's parameters.
 *
 * @param prefix      The scope that {@link decoderLayer} gets.
 * @param config      The decoder's: its width, heads and feed-forward.
 * @param vectorWidth `H`.
 */
export const decoderLayerInits = (prefix: string, config: EncoderConfig, vectorWidth: number): Inits => ({
  ...transformerLayerInits(prefix, config),
  ...crossAttentionInits(`${prefix}.crossattention`, config, vectorWidth),
});

/** The parameters of a layer's attention to the one vector. */
export const crossAttentionInits = (prefix: string, config: EncoderConfig, vectorWidth: number): Inits => ({
  ...denseInits(`${prefix}.self.value`, vectorWidth, config.hiddenSize, config),
  ...denseInits(`${prefix}.output.dense`, config.hiddenSize, config.hiddenSize, config),
  ...layerNormInits(`${prefix}.output.LayerNorm`, config.hiddenSize),
});

function selfAttention(p: Scope, x: Tensor3D, bias: Tensor4D, config: EncoderConfig): Tensor3D {
  const [batch, length] = x.shape;
  const { heads, dropout, attentionDropout } = config;
  const [q, k, v] = ["query", "key", "value"].map((name) => linear(p.at(`self.${name}`), x) as Tensor3D);
  const mask = p.masks.mask([batch, heads, length, length], attentionDropout); // [B, heads, T, T]
  const mixed = attention(q!, k!, v!, { heads, bias, mask });
  return p.dropout(linear(p.at("output.dense"), mixed) as Tensor3D, dropout);
}
