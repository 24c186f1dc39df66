/** The decoder. Shapes in this file: `B` texts, `T` tokens each, `H` hidden. */
import type { Scope } from "@propria/engine";
import { type EncoderConfig, embed, type Inits, transformerLayerInits } from "@propria/transformer-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { crossAttentionInits, decoderLayer, windowBias } from "../toolkit/index.ts";

export interface DecoderOptions {
  tied: boolean;
  decoderLayers: "encoder" | number;
  window: "all" | number;
}

/** What the decoder has of its own, `decoder.layer.N.*`: the attention to the vector, and the layers where they are not the encoder's. */
export function tsdaeHeads(config: EncoderConfig, options: DecoderOptions): Inits {
  const layers = Array.from({ length: layersOf(config, options) }, (_, i) => ({
    ...(options.tied ? {} : transformerLayerInits(layer(i), config)),
    ...crossAttentionInits(`${layer(i)}.crossattention`, config, config.hiddenSize),
  }));
  return Object.assign({}, ...layers) as Inits;
}

/**
 * The decoder's states, `[B, T, H]`; at a place it has seen the tokens up to it, and the vector.
 *
 * @param root     The scope that holds `decoder` and `bert`.
 * @param inputIds The whole text, int32 `[B, T]`.
 * @param vector   The damaged text's, `[B, H]`: all that the decoder sees of the encoder.
 */
export function decode(
  root: Scope,
  inputIds: Tensor2D,
  vector: Tensor2D,
  { config, options }: { config: EncoderConfig; options: DecoderOptions },
): Tensor3D {
  const tokens = { inputIds, attentionMask: tf.onesLike(inputIds) }; // padding is last, where nothing looks back from
  const bias = windowBias(inputIds.shape[1], options.window);
  let x = embed(root.at("bert.embeddings"), tokens, config);
  for (let i = 0; i < layersOf(config, options); i++) {
    const own = root.at(layer(i));
    const shared = root.at(`bert.encoder.layer.${i}`);
    x = decoderLayer(options.tied ? shared : own, x, vector, { bias, config, cross: own.at("crossattention") });
  }
  return x;
}

function layersOf(config: EncoderConfig, { tied, decoderLayers }: DecoderOptions): number {
  const wanted = decoderLayers === "encoder" ? config.layers : decoderLayers;
  return tied ? Math.min(wanted, config.layers) : wanted;
}

const layer = (i: number): string => `decoder.layer.${i}`;
