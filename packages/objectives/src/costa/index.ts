import { maskedLanguageModelInits } from "@propria/transformer-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks } from "../toolkit/index.ts";
import { costaExamples } from "./examples.ts";
import { collateSpans, costaContrast, costaVectors, projectorInits, projectors } from "./loss.ts";
import { granularities } from "./spans.ts";

const band = (shortest: number, longest: number) =>
  z
    .tuple([z.number().int().positive(), z.number().int().positive()])
    .refine(([a, b]) => a <= b, "the shortest comes first")
    .default([shortest, longest]);

/**
 * COSTA: a text's vector should be near those of its own spans, at four granularities, and far from other texts and their spans;
 * with the masked language model beside it.
 *
 * L = λ·L_GWC + L_MLM, where each text zᵢ is an anchor for the 4T spans of its group S(i):
 * L_GWC = Σᵢ −1/4T · Σ over p in S(i) of log [ e^(sim(zᵢ, zₚ)/τ) / Σ over j ≠ i of e^(sim(zᵢ, zⱼ)/τ) ], `j` over all N(4T + 1) texts and spans.
 * The slides of the thesis print it without the logarithm and with zₚ in the denominator: each positive is then the constant
 * −1/(N(4T + 1) − 1), whose gradient is zero. This is what supervised contrastive learning, its model, has. As all its positives stand in
 * the denominator, it is never below ln 4T.
 *
 * Spans are pooled from the pass that the masked language model reads, so they are of masked text; the projector stands on the
 * text's vector alone, and the encoder is saved without it. The authors published no pre-training code: this one is ours.
 *
 * @see Ma et al., "Pre-train a Discriminative Text Encoder for Dense Retrieval via Contrastive Span Prediction", SIGIR 2022.
 *      https://arxiv.org/abs/2204.10641
 */
export default defineObjective({
  name: "costa",

  options: z.object({
    granularities: z
      .array(z.enum(granularities))
      .min(1)
      .refine((names) => new Set(names).size === names.length, "each once")
      .default([...granularities])
      .describe("kinds of spans"),
    spansPerGranularity: z
      .number()
      .int()
      .nonnegative()
      .default(5)
      .describe("T: spans of each kind in a text; 0: the masked language model alone. A guess"),
    phraseTokens: band(4, 16).describe("shortest and longest phrase, pieces. A guess"),
    sentenceTokens: band(16, 64).describe("shortest and longest sentence, pieces. A guess"),
    paragraphTokens: band(64, 128).describe(
      "shortest and longest paragraph, pieces; cut to the text's length. A guess",
    ),
    alpha: z
      .number()
      .positive()
      .default(4)
      .describe("α of the Beta distribution of lengths. A guess: DeCLUTR's for anchors"),
    beta: z
      .number()
      .positive()
      .default(2)
      .describe("β of it: with α 4 two thirds of the way, on average. A guess: DeCLUTR's"),
    temperature: z.number().positive().default(0.1).describe("τ: divides the similarities. A guess"),
    similarity: z.enum(["cosine", "dot"]).default("cosine").describe("of a text's vector and another. A guess"),
    projector: z
      .enum(projectors)
      .default("tanh")
      .describe(
        "on a text's vector while training: tanh(W h + b); that and a linear map after it (mlp); or none. A guess",
      ),
    reduction: z
      .enum(["mean", "sum"])
      .default("mean")
      .describe(
        "L_GWC over the texts of a batch: their mean, or the sum that is printed, of which λ must then know the batch. A guess",
      ),
    contrastiveWeight: z.number().nonnegative().default(0.1).describe("λ: weight of the contrastive loss. A guess"),
    maskedWeight: z
      .number()
      .nonnegative()
      .default(1)
      .describe(
        "weight of the masked language model's loss. Where it starts fresh (from a checkpoint without it), its head takes most of the clipped gradient: give 0, or train mlm first",
      ),
    shortDocumentTokens: z
      .number()
      .int()
      .nonnegative()
      .default(0)
      .describe("documents of fewer pieces are left out: the authors filter short texts and do not say which. A guess"),
    maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of the pieces that is masked"),
    maxMasked: z.number().int().positive().default(60).describe("most pieces masked in a row. A guess: PROP's"),
    wholeWords: z.boolean().default(false).describe("mask all pieces of a word or none. A guess"),
  }),

  heads: (config, { maskedWeight, projector, spansPerGranularity }) => ({
    ...(maskedWeight > 0 && maskedLanguageModelInits(config)),
    ...(spansPerGranularity > 0 && projectorInits(projector, config)),
  }),

  examples: costaExamples,

  collate(examples, { pad, options, tokenizer }) {
    const text = pad(examples.map(({ inputIds }) => inputIds));
    const masking = { rate: options.maskRate, maxMasked: options.maxMasked };
    const width = text.inputIds.shape[1];
    const masks = collateMasks(examples, width, masking);
    if (options.spansPerGranularity === 0) return { text, masks };
    return { text, masks, spans: collateSpans(examples, width, tokenizer) };
  },

  /**
   * By dot product, as the thesis' fine-tuning and its tables compare h_CLS, whatever `similarity` the loss has: with a projector it compares
   * projected vectors with pooled spans, and no cosine of two h_CLS was ever trained.
   */
  embedding: { pooling: "cls", similarity: "dot" },

  represent: (context, batch) => costaVectors(context, batch),

  contrast: ({ options }, vectors) => costaContrast(vectors, options),
});
