import { PropriaError } from "@propria/base";
import {
  attentionBias,
  type EncoderConfig,
  type Inits,
  type Tokens,
  transformerLayer,
  transformerLayerInits,
} from "@propria/transformer-core";
import type { Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { LossContext } from "../define-objective.ts";

/** The options of an objective with this head: those of the head, and of its masks. */
export const skippingHeadOptions = {
  skipFrom: z
    .union([z.literal("half"), z.number().int().nonnegative()])
    .default("half")
    .describe(
      "layer whose tokens the head takes, 0 the embeddings; half: the middle one, as 6 of 12 in the paper (its code's default is 2)",
    ),
  headLayers: z.number().int().positive().default(2).describe("fresh Transformer layers of the head"),
  lateWeight: z
    .number()
    .nonnegative()
    .default(1)
    .describe("weight of the ordinary masked language model's loss, of the encoder's last layer"),
  maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of the pieces that is masked"),
  maxMasked: z.number().int().positive().default(512).describe("most pieces masked in a row: all. Of the code"),
  wholeWords: z.boolean().default(true).describe("mask all pieces of a word or none. Of the code"),
};

/** Which layer's tokens the head takes, and how many layers it has. */
interface HeadOptions {
  skipFrom: "half" | number;
  headLayers: number;
}

/** The head's parameters, `condenser_head.layer.N.*`. */
export const skippingHeadInits = (config: EncoderConfig, { headLayers }: Pick<HeadOptions, "headLayers">): Inits =>
  Object.assign({}, ...Array.from({ length: headLayers }, (_, i) => transformerLayerInits(layerOf(i), config)));

/**
 * Hidden states of a text, `[B, T, H]` each: those of the encoder's last layer, and those of fresh layers that take the first token from there
 * and all others from an earlier one: what the later layers know of a text reaches the head through the first token alone.
 *
 * @throws {PropriaError} `OPTION_VALUE` when `skipFrom` is beyond the encoder's layers.
 * @see Gao and Callan, "Condenser: a Pre-training Architecture for Dense Retrieval", EMNLP 2021. https://arxiv.org/abs/2104.08253
 */
export function skippingHead<Heads>(
  { encodeLayers, scope, config, options }: LossContext<HeadOptions, Heads>,
  text: Tokens,
): { late: Tensor3D; condensed: Tensor3D } {
  const layers = encodeLayers(text);
  const [late, early] = [layers.at(-1)!, layers[skippedLayer(options.skipFrom, config)]!];
  const [batch, length, width] = late.shape;
  const bias = attentionBias(text.attentionMask);
  let x = tf.concat(
    [tf.slice(late, [0, 0, 0], [batch, 1, width]), tf.slice(early, [0, 1, 0], [batch, length - 1, width])],
    1,
  ) as Tensor3D;
  for (let i = 0; i < options.headLayers; i++) x = transformerLayer(scope(layerOf(i)), x, bias, config);
  return { late, condensed: x };
}

/** The number of the layer that tokens are taken from; half: the middle layer, rounded down. */
function skippedLayer(skipFrom: "half" | number, { layers }: EncoderConfig): number {
  if (skipFrom === "half") return Math.floor(layers / 2);
  if (skipFrom <= layers) return skipFrom;
  throw new PropriaError("OPTION_VALUE", `there is no layer ${skipFrom} in an encoder of ${layers}`, {
    at: "skipFrom",
    mend: `at most ${layers}, where nothing is skipped`,
  });
}

const layerOf = (i: number): string => `condenser_head.layer.${i}`;
