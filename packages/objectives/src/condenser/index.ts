import { type MaskedTokens, maskedLanguageModelInits, type Tokens } from "@propria/transformer-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineObjective, type Loss, type LossContext } from "../define-objective.ts";
import { collateMasks, maskedTokenLoss, skippedLayer, skippingHead, skippingHeadInits } from "../toolkit/index.ts";
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
  const { encodeLayers, scope, config, options } = context;
  const layers = encodeLayers(text);
  const skipFrom = skippedLayer(options.skipFrom, config);
  const condensed = skippingHead(scope(""), layers, text.attentionMask, {
    skipFrom,
    headLayers: options.headLayers,
    config,
  });
  const head = maskedTokenLoss(context, condensed, masks);
  const late = maskedTokenLoss(context, layers.at(-1)!, masks);
  return { loss: tf.add(head, tf.mul(late, options.lateWeight)) as Scalar, parts: { head, late } };
}
