import { maskedLanguageModelInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks, maskedTokenLoss } from "../toolkit/index.ts";
import { maskedWindows } from "./examples.ts";

/**
 * The masked language model: which piece stood at a hidden place?
 *
 * Differs from BERT: no next-sentence prediction, and a row is a window of one document instead of packed sentences.
 *
 * @see Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019. https://arxiv.org/abs/1810.04805
 */
export default defineObjective({
  name: "mlm",

  options: z.object({
    maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of the pieces that is masked"),
    maxMasked: z
      .number()
      .int()
      .positive()
      .default(60)
      .describe("most pieces masked in a row; of PROP's code, BERT's is 20 for 128 tokens"),
    wholeWords: z.boolean().default(false).describe("mask all pieces of a word or none"),
    windows: z
      .enum(["one", "all"])
      .default("one")
      .describe(
        "of a document longer than a row: one window at random, another in each epoch, so that a batch holds as many documents as rows; or all, one after the other. A guess",
      ),
  }),

  heads: (config) => maskedLanguageModelInits(config),

  examples: maskedWindows,

  collate(examples, { pad, options }) {
    const text = pad(examples.map((example) => example.inputIds));
    const masks = collateMasks(examples, text.inputIds.shape[1], {
      rate: options.maskRate,
      maxMasked: options.maxMasked,
    });
    return { text, masks };
  },

  loss(context, { text, masks }) {
    const hidden = context.encode(text); // [B, T, H]
    return { loss: maskedTokenLoss(context, hidden, masks) };
  },
});
