/**
 * The BERT encoder as a pure function of its parameters.
 *
 * Shapes in this file: `B` texts, `T` tokens each, `N` heads of width `D`, `H = N·D` hidden.
 *
 * @see Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019. https://arxiv.org/abs/1810.04805
 */
import { gelu, layerNorm, linear, type Scope } from "@propria/engine";
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "./config.ts";
import { embed } from "./embeddings.ts";
import { attentionBias, selfAttention } from "./self-attention.ts";

/** A batch of texts as token ids, all int32 `[B, T]`. */
export interface Tokens {
  inputIds: Tensor2D;
  /** 1 at a token, 0 at padding. */
  attentionMask: Tensor2D;
  /** Segment of each token, 0 or 1; all 0 when absent. */
  tokenTypeIds?: Tensor2D;
}

/**
 * Hidden states of the last layer, `[B, T, H]`.
 *
 * Dropout, where the scope has any, falls at BERT's places: on the embeddings, on the attention probabilities, and on
 * each sub-layer's output before its residual is added.
 *
 * @param p The scope at `bert`.
 */
export function encode(p: Scope, tokens: Tokens, config: EncoderConfig): Tensor3D {
  const bias = attentionBias(tokens.attentionMask); // [B, 1, 1, T]
  let x = embed(p.at("embeddings"), tokens, config); // [B, T, H]
  for (let i = 0; i < config.layers; i++) x = layer(p.at(`encoder.layer.${i}`), x, bias, config);
  return x;
}

/** Post-norm, as in the original: x ← LN(x + f(x)), for self-attention and then for the feed-forward. */
function layer(p: Scope, x: Tensor3D, bias: Tensor4D, config: EncoderConfig): Tensor3D {
  const { layerNormEpsilon: epsilon } = config;
  x = layerNorm(
    p.at("attention.output.LayerNorm"),
    tf.add(x, selfAttention(p.at("attention"), x, bias, config)),
    epsilon,
  );
  x = layerNorm(p.at("output.LayerNorm"), tf.add(x, feedForward(p, x, config)), epsilon);
  return x;
}

function feedForward(p: Scope, x: Tensor3D, { dropout }: EncoderConfig): Tensor3D {
  const inner = gelu(linear(p.at("intermediate.dense"), x)); // [B, T, 4H]
  const y = p.dropout(linear(p.at("output.dense"), inner) as Tensor3D, dropout); // [B, T, H]
  return p.sites.sublayer?.(`${p.path}.output`, y) ?? y;
}
