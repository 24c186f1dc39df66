/** Shapes in this file: `B` documents, two spans of each, `H` hidden. */
import { clsPooling, type MaskedTokens, type Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ContrastContext, Loss, LossContext, Represented } from "../define-objective.ts";
import { maskedTokenMean, siblingContrastive, skippingHead } from "../toolkit/index.ts";

interface LossOptions {
  skipFrom: "half" | number;
  headLayers: number;
  lateWeight: number;
  contrastWeight: number;
}

/** The vectors of [CLS] of all spans, `[2B, H]`, and Condenser's two losses. */
export function representSpans<Heads>(
  context: LossContext<LossOptions, Heads>,
  { text, masks }: { text: Tokens; masks: MaskedTokens },
): Represented<{ spans: Tensor2D }> {
  const { late, condensed } = skippingHead(context, text); // [2B, T, H]
  return {
    vectors: { spans: clsPooling(late) },
    means: {
      head: maskedTokenMean(context, condensed, masks),
      late: maskedTokenMean(context, late, masks, context.options.lateWeight),
    },
  };
}

/** −mean log softmax over the other spans of the dot products, at the sibling. */
export function contrastSpans<Heads>(
  { options }: ContrastContext<LossOptions, Heads>,
  { spans }: { spans: Tensor2D },
): Loss {
  const contrast = siblingContrastive(tf.matMul(spans, spans, false, true) as Tensor2D);
  return { loss: tf.mul(contrast, options.contrastWeight) as Scalar, parts: { contrast } };
}
