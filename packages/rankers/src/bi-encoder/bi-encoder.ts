/**
 * The bi-encoder as a pure function: one encoder reads queries and documents apart, and a vector stands for each.
 *
 * Shapes in this file: `B` texts, `T` tokens each, `H` hidden.
 *
 * @see Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering", EMNLP 2020. https://arxiv.org/abs/2004.04906
 */
import type { Batch, NdArray, Scope } from "@propria/engine";
import {
  type EncoderConfig,
  type EncodingContract,
  encode,
  encodeCls,
  meanPooling,
  pooler,
  type Tokens,
} from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** A batch of texts: int32 `[B, T]` both. */
export interface TextBatch extends Batch {
  readonly inputIds: NdArray<[number, number]>;
  readonly attentionMask: NdArray<[number, number]>;
}

/** The part of the contract that comes after the encoder. */
export type Pooling = Pick<EncodingContract, "pooling" | "normalize">;

/**
 * One vector for each text, `[B, H]`.
 *
 * @param root The scope over all parameters.
 */
export function textVectors(
  root: Scope,
  tokens: Tokens,
  config: EncoderConfig,
  { pooling, normalize }: Pooling,
): Tensor2D {
  const pooled = pooledStates(root.at("bert"), tokens, config, pooling);
  return normalize ? unitLength(pooled) : pooled;
}

function pooledStates(
  bert: Scope,
  tokens: Tokens,
  config: EncoderConfig,
  pooling: EncodingContract["pooling"],
): Tensor2D {
  if (pooling === "mean") return meanPooling(encode(bert, tokens, config), tokens.attentionMask);
  const cls = encodeCls(bert, tokens, config); // [B, H]
  return pooling === "cls" ? cls : pooler(bert, cls);
}

/** Vectors of length 1, `[B, H]`; below {@link LEAST_LENGTH} they stay shorter, as in sentence-transformers. */
export function unitLength(vectors: Tensor2D): Tensor2D {
  const squared = tf.sum(tf.square(vectors), 1, true); // [B, 1]
  return tf.div(vectors, tf.sqrt(tf.maximum(squared, LEAST_LENGTH ** 2)));
}

const LEAST_LENGTH = 1e-12;
