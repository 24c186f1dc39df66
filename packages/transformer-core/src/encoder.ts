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
import { clsPooling } from "./pooling.ts";
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
export const encode = (p: Scope, tokens: Tokens, config: EncoderConfig): Tensor3D =>
  encodeLayers(p, tokens, config).at(-1)!;

/**
 * Hidden states of every layer, `L + 1` times `[B, T, H]`: 0 are the embeddings, `L` is what {@link encode} gives.
 *
 * @param p The scope at `bert`.
 */
export function encodeLayers(p: Scope, tokens: Tokens, config: EncoderConfig): Tensor3D[] {
  const states = layerInputs(p, tokens, config);
  const { path, sites } = p.at("encoder");
  const last = states.at(-1)!;
  return [...states.slice(0, -1), sites.stack?.(path, states[0]!, last) ?? last];
}

/**
 * The first token's hidden state of the last layer, `[B, H]`: what `clsPooling` takes of {@link encode}, but of the last layer the others' are
 * not computed. Where something is attached they are, for it may mix tokens.
 *
 * @param p The scope at `bert`.
 */
export function encodeCls(p: Scope, tokens: Tokens, config: EncoderConfig): Tensor2D {
  if (Object.keys(p.sites).length > 0) return clsPooling(encode(p, tokens, config));
  const last = config.layers - 1;
  const text = layerInputs(p, tokens, { ...config, layers: last }).at(-1)!; // [B, T, H]
  const [batch, , width] = text.shape;
  const cls = tf.slice(text, [0, 0, 0], [batch, 1, width]); // [B, 1, H]
  const bias = attentionBias(tokens.attentionMask);
  return clsPooling(transformerLayer(p.at(`encoder.layer.${last}`), cls, bias, config, text));
}

/** The input of each layer and the output of the last, `[B, T, H]` each: {@link encodeLayers} before what is attached to the stack as a whole. */
export function layerInputs(p: Scope, tokens: Tokens, config: EncoderConfig): Tensor3D[] {
  const bias = attentionBias(tokens.attentionMask); // [B, 1, 1, T]
  const states = [embed(p.at("embeddings"), tokens, config)];
  for (let i = 0; i < config.layers; i++)
    states.push(transformerLayer(p.at(`encoder.layer.${i}`), states[i]!, bias, config));
  return states;
}

/**
 * One layer, post-norm as in the original: x ← LN(x + f(x)), for self-attention and then for the feed-forward; `[B, T, H]` in and out.
 *
 * @param p    The scope at the layer: `bert.encoder.layer.0`, or one of your own made by `transformerLayerInits`.
 * @param bias Added to the attention's scores: 0 where a token may be attended to, −10⁴ where not. `attentionBias` makes it of a
 *   mask, `[B, 1, 1, T]`; a window or a causal mask is `[1, 1, T, T]`, rows the tokens that attend.
 * @param text What is attended to, `[B, S, H]`, where `x` is a part of it alone.
 */
export function transformerLayer(
  p: Scope,
  x: Tensor3D,
  bias: Tensor4D,
  config: EncoderConfig,
  text: Tensor3D = x,
): Tensor3D {
  const { path, sites } = p.at("attention");
  const a = addAndNorm(
    p.at("attention.output.LayerNorm"),
    x,
    selfAttention(p.at("attention"), x, bias, config, text),
    config,
  );
  const attended = sites.addNorm?.(path, x, a) ?? a;
  const y = feedForward(p, attended, config);
  return sites.layer?.(p.path, x, y) ?? y;
}

/** From the feed-forward's input to the layer's output, `[B, T, H]`. */
function feedForward(p: Scope, x: Tensor3D, config: EncoderConfig): Tensor3D {
  const { path, sites } = p.at("output");
  const inner = gelu(linear(p.at("intermediate.dense"), x)); // [B, T, 4H]
  const y = p.dropout(linear(p.at("output.dense"), inner) as Tensor3D, config.dropout); // [B, T, H]
  const z = addAndNorm(p.at("output.LayerNorm"), x, sites.sublayer?.(path, x, y) ?? y, config);
  return sites.addNorm?.(path, x, z) ?? z;
}

const addAndNorm = (p: Scope, x: Tensor3D, y: Tensor3D, { layerNormEpsilon }: EncoderConfig): Tensor3D =>
  layerNorm(p, tf.add(x, y), layerNormEpsilon);
