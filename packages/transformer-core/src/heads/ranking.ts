/** A score for each text: the head of a cross-encoder. */
import { linear, type Scope } from "@propria/engine";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "../config.ts";
import type { Inits } from "../host-parameters.ts";
import { denseInits } from "../initialize.ts";

/** The head's parameters, `classifier` with one output, as in `transformers`' BertForSequenceClassification with one label. */
export const rankingInits = (config: EncoderConfig): Inits => denseInits("classifier", config.hiddenSize, 1, config);

/**
 * A linear map of the pooled vectors, after dropout: `[B, H]` -> `[B]`, higher is better.
 *
 * @param root   The scope that holds `classifier`.
 * @param pooled The pooler's output, or another pooling's.
 */
export function rankingHead(root: Scope, pooled: Tensor2D, { dropout }: EncoderConfig): Tensor1D {
  const p = root.at("classifier");
  return tf.reshape(linear(p, p.dropout(pooled, dropout)), [pooled.shape[0]]);
}
