/**
 * A decoder without tokens: from a text's vector to a distribution over the words of the vocabulary, in one step.
 *
 * Shapes in this file: `B` vectors, `H` wide, `V` words.
 */
import { affine, gelu, layerNorm, linear, type Scope } from "@propria/engine";
import { denseInits, type EncoderConfig, type Inits, layerNormInits } from "@propria/transformer-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const WORD_DECODER = "word_decoder";

/** The decoder's parameters, `word_decoder.*`. Tied, its last map is the table of word embeddings. */
export const wordDecoderInits = (config: EncoderConfig, { tied }: { tied: boolean }): Inits => ({
  ...denseInits(`${WORD_DECODER}.dense`, config.hiddenSize, config.hiddenSize, config),
  ...layerNormInits(`${WORD_DECODER}.LayerNorm`, config.hiddenSize),
  ...(tied
    ? {}
    : { [`${WORD_DECODER}.weight`]: { shape: [config.vocabSize, config.hiddenSize], std: config.initializerRange } }),
  [`${WORD_DECODER}.bias`]: { shape: [config.vocabSize], std: 0 },
});

/** Whether a decoder's parameters are those of a tied one: without a last map of its own. */
export const isTiedWordDecoder = (parameters: Readonly<Record<string, unknown>>): boolean =>
  !Object.hasOwn(parameters, `${WORD_DECODER}.weight`);

/**
 * log softmax(W₂ LN(gelu(W₁ c + b₁)) + b₂), `[B, H]` -> `[B, V]`: a text's words whatever their order.
 *
 * @param root    The scope that holds `word_decoder` and `bert`.
 * @param vectors `c`.
 */
export function wordLogProbabilities(
  root: Scope,
  vectors: Tensor2D,
  { config, tied }: { config: EncoderConfig; tied: boolean },
): Tensor2D {
  const p = root.at(WORD_DECODER);
  const inner = gelu(linear(p.at("dense"), vectors) as Tensor2D); // [B, H]
  const normed = layerNorm(p.at("LayerNorm"), inner, config.layerNormEpsilon);
  const table = tied ? root.at("bert.embeddings.word_embeddings").get("weight") : p.get("weight"); // [V, H]
  return tf.logSoftmax(affine(normed, table as Tensor2D, p.get("bias") as Tensor1D));
}
