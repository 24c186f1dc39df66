/**
 * What [CLS] attends to in one layer.
 *
 * Shapes in this file: `B` texts, `T` tokens each, `N` heads of width `D`, `H = N·D` hidden.
 */
import { PropriaError } from "@propria/base";
import { linear, type Scope, splitHeads } from "@propria/engine";
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "./config.ts";
import { layerInputs, type Tokens } from "./encoder.ts";
import { attentionBias, behind } from "./self-attention.ts";

/** Which attention is taken. */
export interface ClsAttentionOptions {
  /** The layer, from 0; negative ones count from the end. Default −1, the last. */
  layer?: number;
}

/**
 * The row of [CLS] in the attention of a layer, after the softmax and without dropout: how much of each token it takes up, by head; `[B, N, T]`.
 *
 * Of that layer only this row is computed, and of the layers above nothing: it costs less than encoding. What is attached as a prefix takes its share, and is left out. Tokens whose
 * `attentionMask` is 0 get exactly 0; so do those that it hides within a text, from all layers.
 *
 * @param p The scope at `bert`.
 * @throws {PropriaError} `LAYER_UNKNOWN` for a layer that the encoder does not have.
 */
export function clsAttention(
  p: Scope,
  tokens: Tokens,
  config: EncoderConfig,
  { layer = -1 }: ClsAttentionOptions = {},
): Tensor3D {
  const index = layerIndex(layer, config);
  const x = layerInputs(p, tokens, { ...config, layers: index }).at(-1)!; // what the layer reads, [B, T, H]
  const [batch, length, width] = x.shape;
  const self = p.at(`encoder.layer.${index}.attention.self`);
  const q = linear(self.at("query"), tf.slice(x, [0, 0, 0], [batch, 1, width])) as Tensor3D; // [B, 1, H]
  const k = linear(self.at("key"), x) as Tensor3D; // [B, T, H]
  const { heads } = config;
  const own = { keys: k, values: k, bias: attentionBias(tokens.attentionMask) };
  const prefix = self.sites.prefix?.(self.path, x);
  const { keys, bias } = prefix ? behind(prefix, own) : own; // [B, S, H], S ≥ T
  const scores = tf.matMul(splitHeads(q, heads), splitHeads(keys, heads), false, true); // [B, N, 1, S]
  const weights = tf.softmax(tf.add(tf.mul(scores, 1 / Math.sqrt(width / heads)), bias)) as Tensor4D;
  const ofPrefix = keys.shape[1] - length;
  return tf.reshape(tf.slice(weights, [0, 0, 0, ofPrefix], [batch, heads, 1, length]), [batch, heads, length]);
}

/** The layer from 0. */
function layerIndex(layer: number, { layers }: EncoderConfig): number {
  const index = layer < 0 ? layers + layer : layer;
  if (Number.isInteger(layer) && index >= 0 && index < layers) return index;
  throw new PropriaError("LAYER_UNKNOWN", `the encoder has ${layers} layers, and none is ${layer}`, {
    at: "layer",
    mend: `0 to ${layers - 1}, or −1 to −${layers} from the last`,
  });
}
