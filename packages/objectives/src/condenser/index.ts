import { type MaskedTokens, maskedLanguageModelInits, type Tokens } from "@propria/transformer-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineObjective, type Loss, type LossContext } from "../define-objective.ts";
import {
  collateMasks,
  maskedTokenLoss,
  skippingHead,
  skippingHeadInits,
  skippingHeadOptions,
} from "../toolkit/index.ts";
import { condenserExamples } from "./examples.ts";

/**
 * Condenser: the masked language model through a head whose tokens come from the middle of the encoder and only [CLS] from its end, so that what
 * the later layers know of a text must be in the vector of [CLS]; and the ordinary masked language model beside it.
 *
 * Defaults are the paper's. Its code packs sentences into rows; here a row is a window of one document. It starts from BERT and
 * trains 8 epochs at a learning rate of 1e-4. The head is dropped afterwards.
 *
 * @see Gao and Callan, "Condenser: a Pre-training Architecture for Dense Retrieval", EMNLP 2021. https://arxiv.org/abs/2104.08253
 */
export default defineObjective({
  name: "condenser",

  options: z.object({
    ...skippingHeadOptions,
    shortShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe("share of the rows that are cut to a random length. Of the code"),
  }),

  heads: (config, options) => ({ ...maskedLanguageModelInits(config), ...skippingHeadInits(config, options) }),

  examples: condenserExamples,

  collate(examples, { pad, options }) {
    const text = pad(examples.map((example) => example.inputIds));
    const masks = collateMasks(examples, text.inputIds.shape[1], {
      rate: options.maskRate,
      maxMasked: options.maxMasked,
    });
    return { text, masks };
  },

  embedding: { pooling: "cls", similarity: "dot" },

  loss: condenserLoss,
});

interface LossOptions {
  skipFrom: "half" | number;
  headLayers: number;
  lateWeight: number;
}

/** L = L_MLM of the head + L_MLM of the last layer, through one head of words. */
function condenserLoss<Heads>(
  context: LossContext<LossOptions, Heads>,
  { text, masks }: { text: Tokens; masks: MaskedTokens },
): Loss {
  const states = skippingHead(context, text);
  const head = maskedTokenLoss(context, states.condensed, masks);
  const late = maskedTokenLoss(context, states.late, masks);
  return { loss: tf.add(head, tf.mul(late, context.options.lateWeight)) as Scalar, parts: { head, late } };
}
