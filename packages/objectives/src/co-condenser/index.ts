import { maskedLanguageModelInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks, skippingHeadInits, skippingHeadOptions } from "../toolkit/index.ts";
import { twoSpans } from "./examples.ts";
import { contrastSpans, representSpans } from "./loss.ts";

/**
 * coCondenser: Condenser on two spans of each document, and a contrast of their vectors of [CLS]: a span should be nearer to its sibling than to
 * the spans of other documents, by dot product and without a temperature.
 *
 * Defaults are the paper's. It starts from a Condenser and trains with about 2,048 spans a step: `pretrain({ chunk })` makes such batches
 * possible. The code cuts documents into spans beforehand; here they are cut evenly, at words.
 *
 * @see Gao and Callan, "Unsupervised Corpus Aware Language Model Pre-training for Dense Passage Retrieval", ACL 2022.
 *      https://arxiv.org/abs/2108.05540
 */
export default defineObjective({
  name: "co-condenser",

  options: z.object({
    spanTokens: z
      .number()
      .int()
      .positive()
      .default(126)
      .describe("longest span, tokens without [CLS] and [SEP]; at most what a row holds. Of the code: 128 with them"),
    shortestSpan: z
      .number()
      .int()
      .positive()
      .default(8)
      .describe("a document is left out whose halves would be shorter, tokens. A guess"),
    contrastWeight: z.number().nonnegative().default(1).describe("weight of the contrast"),
    ...skippingHeadOptions,
  }),

  heads: (config, options) => ({ ...maskedLanguageModelInits(config), ...skippingHeadInits(config, options) }),

  examples: twoSpans,

  /** The spans of a document are neighbours: `[2B, T]`. */
  collate(examples, { pad, options }) {
    const rows = examples.flatMap(({ first, second }) => [first, second]);
    const text = pad(rows.map((row) => row.inputIds));
    const masks = collateMasks(rows, text.inputIds.shape[1], { rate: options.maskRate, maxMasked: options.maxMasked });
    return { text, masks };
  },

  embedding: { pooling: "cls", similarity: "dot" },

  represent: representSpans,

  contrast: contrastSpans,
});
