/** The weak decoder. Shapes in this file: `B` texts, `T` tokens each, `H` the encoder's width, `W` the decoder's. */
import { PropriaError } from "@propria/base";
import { gatherRows, layerNorm, linear, type Scope } from "@propria/engine";
import { denseInits, type EncoderConfig, type Inits, layerNormInits } from "@propria/transformer-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { decoderLayer, decoderLayerInits, windowBias } from "../toolkit/index.ts";

export interface DecoderOptions {
  decoderLayers: number;
  window: number;
  decoderWidth: "encoder" | number;
  decoderHeads: "encoder" | number;
  positions: "own" | "shared";
}

/** The decoder's parameters, `decoder.*`; its word embeddings are the encoder's. */
export function seedHeads(config: EncoderConfig, options: DecoderOptions): Inits {
  const decoder = decoderConfig(config, options);
  const [outer, width] = [config.hiddenSize, decoder.hiddenSize];
  const layers = Array.from({ length: options.decoderLayers }, (_, i) =>
    decoderLayerInits(`decoder.layer.${i}`, decoder, outer),
  );
  return Object.assign(
    layerNormInits("decoder.LayerNorm", width),
    options.positions === "own" && {
      "decoder.position_embeddings.weight": { shape: [config.maxPositions, width], std: config.initializerRange },
    },
    width !== outer && {
      ...denseInits("decoder.input", outer, width, config),
      ...denseInits("decoder.output", width, outer, config),
    },
    ...layers,
  ) as Inits;
}

/**
 * States whose products with the word embeddings are the logits of the next tokens, `[B, T, H]`.
 *
 * @param root     The scope that holds `decoder` and `bert`.
 * @param inputIds The whole text, int32 `[B, T]`.
 * @param vector   h_CLS, `[B, H]`: all that the decoder sees of the encoder.
 */
export function decode(
  root: Scope,
  inputIds: Tensor2D,
  vector: Tensor2D,
  { config, options }: { config: EncoderConfig; options: DecoderOptions },
): Tensor3D {
  const decoder = decoderConfig(config, options);
  const length = inputIds.shape[1];
  const [outer, width] = [config.hiddenSize, decoder.hiddenSize];
  const [p, embeddings] = [root.at("decoder"), root.at("bert.embeddings")];

  const words = gatherRows(embeddings.at("word_embeddings").get("weight"), inputIds); // [B, T, H]
  const own = options.positions === "own" ? p : embeddings;
  const table = own.at("position_embeddings").get("weight") as Tensor2D;
  const places = tf.slice(table, [0, 0], [length, table.shape[1]]); // [T, W] or, shared, [T, H]
  const narrow = (x: tf.Tensor) => (width === outer ? x : linear(p.at("input"), x));
  const sum = options.positions === "own" ? tf.add(narrow(words), places) : narrow(tf.add(words, places)); // [B, T, W]
  let x = p.dropout(layerNorm(p.at("LayerNorm"), sum as Tensor3D, config.layerNormEpsilon), config.dropout);

  const bias = windowBias(length, options.window);
  for (let i = 0; i < options.decoderLayers; i++)
    x = decoderLayer(p.at(`layer.${i}`), x, vector, { bias, config: decoder });
  return width === outer ? x : (linear(p.at("output"), x) as Tensor3D);
}

/** The encoder's constants at the decoder's width; the feed-forward keeps its ratio. */
function decoderConfig(config: EncoderConfig, { decoderWidth, decoderHeads }: DecoderOptions): EncoderConfig {
  const hiddenSize = decoderWidth === "encoder" ? config.hiddenSize : decoderWidth;
  const heads = decoderHeads === "encoder" ? config.heads : decoderHeads;
  if (hiddenSize % heads !== 0)
    throw new PropriaError("OPTION_VALUE", `a decoder ${hiddenSize} wide cannot have ${heads} heads`, {
      at: "decoderWidth",
      mend: "give a width that is a multiple of decoderHeads",
    });
  return {
    ...config,
    hiddenSize,
    heads,
    intermediateSize: Math.round((hiddenSize * config.intermediateSize) / config.hiddenSize),
  };
}
