/**
 * DeepCT: a weight for each token, from its contextual vector.
 *
 * Shapes in this file: `B` passages, `T` tokens each, `H` hidden.
 *
 * @see Dai and Callan, "Context-Aware Term Weighting For First Stage Passage Retrieval", SIGIR 2020. https://arxiv.org/abs/1910.10687
 */
import { type Batch, linear, type NdArray, type Scope } from "@propria/engine";
import { denseInits, type EncoderConfig, encode, type Inits, type Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** What the model's head is called in a checkpoint: no name of `transformers`. */
export const HEAD = "term_weight";

/** The head's parameters: a linear map to one number; as in DeepCT's code the normal is cut at two deviations, the bias 0. */
export const termWeightInits = (config: EncoderConfig): Inits => denseInits(HEAD, config.hiddenSize, 1, config);

/** A batch of passages with targets: all `[B, T]`. */
export interface TermWeightBatch extends Batch {
  /** int32 */
  readonly inputIds: NdArray<[number, number]>;
  /** int32 */
  readonly attentionMask: NdArray<[number, number]>;
  /** Query term recall of the word that a piece begins, float32. */
  readonly targets: NdArray<[number, number]>;
  /** 1 at the first piece of a word, 0 at all else, float32. */
  readonly targetWeights: NdArray<[number, number]>;
}

/**
 * A weight for every token, `[B, T]`: a linear map of its last hidden state after dropout, without an activation.
 *
 * @param root The scope over all parameters.
 */
export function tokenWeights(root: Scope, tokens: Tokens, config: EncoderConfig): Tensor2D {
  const hidden = encode(root.at("bert"), tokens, config); // [B, T, H]
  const [batch, length, width] = hidden.shape;
  const flat = tf.reshape(root.dropout(hidden, config.dropout), [batch * length, width]) as Tensor2D;
  return tf.reshape(linear(root.at(HEAD), flat), [batch, length]) as Tensor2D;
}

/**
 * Mean squared error over the words' first pieces, of all passages together; 0 for none.
 *
 * @param weights       The model's, `[B, T]`.
 * @param targets       `[B, T]`
 * @param targetWeights 1 where a target counts, else 0; `[B, T]`.
 */
export function maskedSquaredError(weights: Tensor2D, targets: Tensor2D, targetWeights: Tensor2D): Scalar {
  const errors = tf.mul(tf.square(tf.sub(weights, targets)), targetWeights);
  return tf.div(tf.sum(errors), tf.maximum(tf.sum(targetWeights), 1));
}
