import { maskedLanguageModelInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks } from "../toolkit/index.ts";
import { tsdaeHeads } from "./decoder.ts";
import { tsdaeExamples } from "./examples.ts";
import { tsdaeLoss } from "./loss.ts";

/**
 * TSDAE: words are deleted from a text, what is left becomes one vector, and a decoder says the whole text again from the vector.
 *
 * Defaults are the paper's: 60 % of the words deleted, the vector of [CLS], the decoder's layers the encoder's own (as in the code of
 * sentence-transformers, whose decoder adds to them an attention to the vector and BERT's masked-language-model head). The authors train
 * with 8 texts a step and a constant learning rate of 3e-5.
 *
 * Differs from that code: words come from BERT's tokenizer, not nltk's; the decoder's word embeddings are the encoder's even where its layers are
 * not; documents in windows, not sentences; dropout on what the vector adds is the same at all positions of a text.
 * The example in the documentation of sentence-transformers 6.2 keeps 60 % of the words; its data set class, and the paper, delete 60 %.
 *
 * @see Wang et al., "TSDAE: Using Transformer-based Sequential Denoising Auto-Encoder for Unsupervised Sentence Embedding Learning",
 *      Findings of EMNLP 2021. https://arxiv.org/abs/2104.06979
 */
export default defineObjective({
  name: "tsdae",

  options: z.object({
    deletedShare: z
      .number()
      .min(0)
      .lt(1)
      .default(0.6)
      .describe("chance of each word to be deleted; one stays at least"),
    pooling: z
      .enum(["cls", "mean"])
      .default("cls")
      .describe("the vector of [CLS], or the mean of the tokens' that are left"),
    tied: z
      .boolean()
      .default(true)
      .describe("decode with the encoder's layers, which then learn both, or with layers of the decoder's own"),
    decoderLayers: z
      .union([z.literal("encoder"), z.number().int().positive()])
      .default("encoder")
      .describe("layers of the decoder; encoder: as many as that has. Tied, the first so many of the encoder's"),
    window: z
      .union([z.literal("all"), z.number().int().positive()])
      .default("all")
      .describe("tokens that the decoder sees at a place, itself among them; all: every one before. Ours"),
    decodedShare: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe(
        "share of a text's tokens that the loss is taken of, drawn anew in each epoch; 1 in the paper. Ours, for small machines",
      ),
  }),

  heads: (config, options) => ({ ...maskedLanguageModelInits(config), ...tsdaeHeads(config, options) }),

  examples: tsdaeExamples,

  collate(examples, { pad, options }) {
    const whole = pad(examples.map(({ next }) => next.inputIds));
    const width = whole.inputIds.shape[1];
    const next = collateMasks(
      examples.map(({ next }) => next),
      width,
      { rate: options.decodedShare, maxMasked: width },
    );
    return { damaged: pad(examples.map(({ damaged }) => damaged)), whole: { inputIds: whole.inputIds }, next };
  },

  embedding: ({ pooling }) => ({ pooling, similarity: "cosine" }),

  loss: tsdaeLoss,
});
