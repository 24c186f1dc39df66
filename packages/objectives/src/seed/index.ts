import { maskedLanguageModelInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks } from "../toolkit/index.ts";
import { seedHeads } from "./decoder.ts";
import { seedExamples } from "./examples.ts";
import { seedLoss } from "./loss.ts";

/**
 * SEED-Encoder: the masked language model, and beside it a decoder so weak that it must learn the text from the vector of [CLS]: few layers,
 * each of which sees a few tokens back.
 *
 * Defaults are the first of the two decoders that were released, 3 layers and a window of 2; the second has 1 and 8. In one layer the token
 * after place i is predicted from `window` tokens, i among them, and from the row's first; n layers reach n·(window − 1) tokens back from i.
 * Encoder and decoder read the text in one pass: the encoder masked, as for its own loss, the decoder whole.
 *
 * Differs from the released models: their vocabulary is 32,769 byte pairs, here it is the encoder's; documents in windows, not packed
 * sentences; dropout on what the vector adds is the same at all positions of a text.
 *
 * @see Lu et al., "Less is More: Pre-train a Strong Text Encoder for Dense Retrieval Using a Weak Decoder", EMNLP 2021.
 *      https://arxiv.org/abs/2102.09206
 */
export default defineObjective({
  name: "seed",

  options: z.object({
    decoderLayers: z.number().int().positive().default(3).describe("layers of the decoder"),
    window: z
      .number()
      .int()
      .positive()
      .default(2)
      .describe("tokens that a decoder layer sees at a place, itself among them; and always the first"),
    decoderWidth: z
      .union([z.literal("encoder"), z.number().int().positive()])
      .default("encoder")
      .describe(
        "width of the decoder; encoder: as wide as that, as released. Others are mapped to and from its embeddings",
      ),
    decoderHeads: z
      .union([z.literal("encoder"), z.number().int().positive()])
      .default("encoder")
      .describe("attention heads of a decoder layer; encoder: as many as that has"),
    positions: z
      .enum(["own", "shared"])
      .default("own")
      .describe("learned positions of the decoder's own, or the encoder's. A guess: the paper does not say"),
    decodedShare: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe(
        "share of a row's tokens that the decoder's loss is taken of, drawn anew in each epoch; 1 in the paper. Ours, for small machines",
      ),
    maskedWeight: z
      .number()
      .nonnegative()
      .default(0.5)
      .describe("weight of the masked language model's loss. Of the code"),
    decoderWeight: z.number().nonnegative().default(0.5).describe("weight of the decoder's loss. Of the code"),
    maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of the pieces that is masked"),
    maxMasked: z.number().int().positive().default(60).describe("most pieces masked in a row. A guess: PROP's"),
    wholeWords: z.boolean().default(false).describe("mask all pieces of a word or none. A guess"),
  }),

  heads: (config, options) => ({ ...maskedLanguageModelInits(config), ...seedHeads(config, options) }),

  examples: seedExamples,

  collate(examples, { pad, options }) {
    const text = pad(examples.map(({ masked }) => masked.inputIds));
    const width = text.inputIds.shape[1];
    const { inputIds } = pad(
      examples.map(({ next }) => next.inputIds),
      { width },
    );
    return {
      text,
      masks: collateMasks(
        examples.map(({ masked }) => masked),
        width,
        { rate: options.maskRate, maxMasked: options.maxMasked },
      ),
      whole: { inputIds },
      next: collateMasks(
        examples.map(({ next }) => next),
        width,
        { rate: options.decodedShare, maxMasked: width },
      ),
    };
  },

  embedding: { pooling: "cls", similarity: "dot" },

  loss: seedLoss,
});
