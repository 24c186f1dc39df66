import { clsPooling, maskedLanguageModelInits, pooler, poolerInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { clozeOptions, clozes, collateClozes, contrastClozes, representClozes } from "../toolkit/index.ts";

/**
 * Transformer_ICT, the baseline of PROP's ranking tables: the Inverse Cloze Task and the masked language model on one encoder, whose pooler
 * gives the vectors of sentence and block. A cross-encoder that starts from it has a trained pooler and a fresh ranking head.
 *
 * Differs from the code that PROP's comparison uses: there each sentence of *one* document makes a batch with its siblings, whose blocks are
 * nearly the same text, and is always taken out of its block (`removal=1`); here a batch holds blocks of different documents, as in ORQA.
 *
 * @see Lee et al., "Latent Retrieval for Weakly Supervised Open Domain Question Answering", ACL 2019. https://arxiv.org/abs/1906.00300
 * @see Chang et al., "Pre-training Tasks for Embedding-based Large-scale Retrieval", ICLR 2020. https://arxiv.org/abs/2002.03932
 */
export default defineObjective({
  name: "transformer-ict",

  options: z.object({
    ...clozeOptions,
    blockTokens: z
      .number()
      .int()
      .min(8)
      .default(512)
      .describe("longest block, title and special tokens included, where a row is not shorter"),
    maskedWeight: z
      .number()
      .nonnegative()
      .default(1)
      .describe("weight of the masked language model's loss on sentences and on blocks; 0: the cloze task alone"),
  }),

  heads: (config, { maskedWeight }) => ({
    ...poolerInits(config),
    ...(maskedWeight > 0 && maskedLanguageModelInits(config)),
  }),

  examples: clozes,

  collate: (examples, context) => collateClozes(examples, context),

  represent: (context, batch) =>
    representClozes(context, batch, (hidden) => pooler(context.scope("bert"), clsPooling(hidden))),

  contrast: contrastClozes,
});
