/**
 * BERT's masked language model: which token stood at a masked position?
 *
 * Shapes in this file: `B` texts, `T` tokens each, `P` masked positions each, `H` hidden, `V` words.
 */
import { gatherRows, gelu, layerNorm, linear, type Scope, tiedCrossEntropy } from "@propria/engine";
import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "../config.ts";
import type { Inits } from "../host-parameters.ts";
import { denseInits, layerNormInits } from "../initialize.ts";

/** Which positions are masked, and what stood there. All `[B, P]`; rows with fewer than P positions are filled up with weight 0. */
export interface MaskedTokens {
  /** Places in their row, int32 in 0 … T − 1. */
  maskedPositions: Tensor2D;
  /** Token ids, int32. */
  maskedLabels: Tensor2D;
  /** 1 at a masked token and 0 at filling, float32. */
  maskedWeights: Tensor2D;
}

/** The head's parameters, `cls.predictions.*`; its decoder is the table of word embeddings. */
export const maskedLanguageModelInits = (config: EncoderConfig): Inits => ({
  "cls.predictions.bias": { shape: [config.vocabSize], std: 0 },
  ...denseInits("cls.predictions.transform.dense", config.hiddenSize, config.hiddenSize, config),
  ...layerNormInits("cls.predictions.transform.LayerNorm", config.hiddenSize),
});

/**
 * Mean cross-entropy of the masked tokens, in nats, weighted by `maskedWeights`; 0 when every weight is.
 *
 * @param root   The scope that holds `cls` and `bert`: the decoder is tied to `bert.embeddings.word_embeddings`.
 * @param hidden Hidden states `[B, T, H]`.
 */
export function maskedTokenLoss(root: Scope, hidden: Tensor3D, masked: MaskedTokens, config: EncoderConfig): Scalar {
  const count = masked.maskedLabels.size; // B·P
  const flat = <T extends tf.Tensor>(x: T) => tf.reshape(x, [count]) as Tensor1D;
  const x = transform(root, tokensAt(hidden, masked.maskedPositions), config); // [B·P, H]
  return tiedCrossEntropy(x, table(root), bias(root), flat(masked.maskedLabels), flat(masked.maskedWeights));
}

/** Logits over the vocabulary at the given positions, `[B·P, V]`, in the order of the rows. Materialises them: for use, not for training. */
export function mlmLogits(root: Scope, hidden: Tensor3D, positions: Tensor2D, config: EncoderConfig): Tensor2D {
  const x = transform(root, tokensAt(hidden, positions), config); // [B·P, H]
  return tf.add(tf.matMul(x, table(root), false, true), bias(root)); // [B·P, V]
}

/** LN(gelu(Wx + b)), `[n, H]` -> `[n, H]`. */
function transform(root: Scope, x: Tensor2D, { layerNormEpsilon }: EncoderConfig): Tensor2D {
  const p = root.at("cls.predictions.transform");
  return layerNorm(p.at("LayerNorm"), gelu(linear(p.at("dense"), x) as Tensor2D), layerNormEpsilon);
}

/** Hidden states at `positions` of each row, `[B, T, H]` and `[B, P]` -> `[B·P, H]`. */
function tokensAt(hidden: Tensor3D, positions: Tensor2D): Tensor2D {
  const [batch, length, width] = hidden.shape;
  const rowStarts = tf.reshape(tf.range(0, batch * length, length, "int32"), [batch, 1]); // [B, 1]
  const flat = tf.reshape(tf.add(positions, rowStarts), [positions.size]) as Tensor1D;
  return gatherRows(tf.reshape(hidden, [batch * length, width]), flat) as Tensor2D;
}

const table = (root: Scope) => root.at("bert.embeddings.word_embeddings").get("weight") as Tensor2D; // [V, H]
const bias = (root: Scope) => root.at("cls.predictions").get("bias") as Tensor1D; // [V]
