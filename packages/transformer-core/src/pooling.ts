/** From hidden states to one vector for each text. Shapes: `B` texts, `T` tokens each, `H` hidden. */
import { linear, type Scope } from "@propria/engine";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "./config.ts";
import type { Inits } from "./host-parameters.ts";
import { denseInits } from "./initialize.ts";

const MINIMUM_TOKENS = 1e-9; // a row that is all padding gives 0 instead of 0/0; sentence-transformers' constant

/** The hidden state of the first token, `[B, T, H]` -> `[B, H]`. */
export function clsPooling(hidden: Tensor3D): Tensor2D {
  const [batch, , width] = hidden.shape;
  return tf.reshape(tf.slice(hidden, [0, 0, 0], [batch, 1, width]), [batch, width]);
}

/** The mean of the hidden states of a text's tokens, `[B, T, H]` and the mask `[B, T]` -> `[B, H]`; padding does not count. */
export function meanPooling(hidden: Tensor3D, attentionMask: Tensor2D): Tensor2D {
  const [batch, length] = attentionMask.shape;
  const weights = tf.reshape(tf.cast(attentionMask, "float32"), [batch, length, 1]); // [B, T, 1]
  return tf.div(tf.sum(tf.mul(hidden, weights), 1), tf.maximum(tf.sum(weights, 1), MINIMUM_TOKENS)); // [B, H]
}

/**
 * BERT's pooler: tanh of a linear map of the first token's hidden state, `[B, H]` -> `[B, H]`.
 *
 * @param p   The scope at `bert`, as for `encode`.
 * @param cls What `encodeCls` or `clsPooling` gives.
 */
export const pooler = (p: Scope, cls: Tensor2D): Tensor2D => tf.tanh(linear(p.at("pooler.dense"), cls) as Tensor2D);

/** The pooler's parameters, `bert.pooler.dense`. */
export const poolerInits = (config: EncoderConfig): Inits =>
  denseInits("bert.pooler.dense", config.hiddenSize, config.hiddenSize, config);
