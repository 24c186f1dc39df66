import { PropriaError } from "@propria/base";
import type { Scope } from "@propria/engine";
import {
  attentionBias,
  type EncoderConfig,
  type Inits,
  transformerLayer,
  transformerLayerInits,
} from "@propria/transformer-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Which layer's tokens the head takes, and how many layers it has. */
export interface SkippingHead {
  /** 0: the embeddings; `config.layers`: nothing is skipped. */
  skipFrom: number;
  headLayers: number;
}

/** The head's parameters, `condenser_head.layer.N.*`. */
export const skippingHeadInits = (config: EncoderConfig, { headLayers }: Pick<SkippingHead, "headLayers">): Inits =>
  Object.assign({}, ...Array.from({ length: headLayers }, (_, i) => transformerLayerInits(layerOf(i), config)));

/**
 * Hidden states of fresh layers that take the first token from the encoder's last layer and all others from an earlier one, `[B, T, H]`:
 * what the later layers know of a text reaches the head through the first token alone.
 *
 * @param root   The scope that holds `condenser_head`.
 * @param layers The encoder's hidden states, of every layer.
 * @see Gao and Callan, "Condenser: a Pre-training Architecture for Dense Retrieval", EMNLP 2021. https://arxiv.org/abs/2104.08253
 */
export function skippingHead(
  root: Scope,
  layers: readonly Tensor3D[],
  attentionMask: Tensor2D,
  { skipFrom, headLayers, config }: SkippingHead & { config: EncoderConfig },
): Tensor3D {
  const [last, early] = [layers.at(-1)!, layers[skipFrom]!];
  const [batch, length, width] = last.shape;
  const bias = attentionBias(attentionMask);
  let x = tf.concat(
    [tf.slice(last, [0, 0, 0], [batch, 1, width]), tf.slice(early, [0, 1, 0], [batch, length - 1, width])],
    1,
  ) as Tensor3D;
  for (let i = 0; i < headLayers; i++) x = transformerLayer(root.at(layerOf(i)), x, bias, config);
  return x;
}

/**
 * The number of the layer that tokens are taken from.
 *
 * @param skipFrom `"half"`: the middle layer, rounded down.
 * @throws {PropriaError} `OPTION_VALUE` beyond the encoder's layers.
 */
export function skippedLayer(skipFrom: "half" | number, { layers }: EncoderConfig): number {
  if (skipFrom === "half") return Math.floor(layers / 2);
  if (skipFrom <= layers) return skipFrom;
  throw new PropriaError("OPTION_VALUE", `there is no layer ${skipFrom} in an encoder of ${layers}`, {
    at: "skipFrom",
    mend: `at most ${layers}, where nothing is skipped`,
  });
}

const layerOf = (i: number): string => `condenser_head.layer.${i}`;
