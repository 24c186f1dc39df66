import { layerNorm, linear } from "@propria/engine";
import {
  clsPooling,
  denseInits,
  layerNormInits,
  maskedLanguageModelInits,
  meanPooling,
  type Tokens,
} from "@propria/transformer-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineObjective, type LossContext } from "../define-objective.ts";
import { clozeOptions, clozes, collateClozes, contrastClozes, representClozes } from "../toolkit/index.ts";

/**
 * The Inverse Cloze Task: which block of text does a sentence come from? The dual form: sentence and block are encoded apart, by one
 * encoder, and compared by dot product with the other blocks of the batch.
 *
 * Differs from ORQA's code in the embedding, which is h_CLS itself (there: BERT's pooler, then a projection to 128 dimensions, which
 * `projectionSize` gives on h_CLS), and in taking one block of a document at a time, so that a batch holds as many documents as pairs.
 * In the code that PROP's comparison uses, the sentences of *one* document make a batch; their blocks are nearly the same text.
 *
 * @see Lee et al., "Latent Retrieval for Weakly Supervised Open Domain Question Answering", ACL 2019. https://arxiv.org/abs/1906.00300
 */
export default defineObjective({
  name: "ict",

  options: z.object({
    ...clozeOptions,
    pooling: z.enum(["cls", "mean"]).default("cls").describe("a text's vector; ORQA has BERT's pooler. A guess"),
    projectionSize: z
      .number()
      .int()
      .nonnegative()
      .default(0)
      .describe(
        "dimensions of a linear map, LayerNorm and dropout on the vector; 0: none. ORQA has 128; the saved model's embeddings are without it",
      ),
  }),

  heads: (config, { projectionSize, maskedWeight }) => ({
    ...(projectionSize > 0 && {
      ...denseInits("ict.projection", config.hiddenSize, projectionSize, config),
      ...layerNormInits("ict.projection.LayerNorm", projectionSize),
    }),
    ...(maskedWeight > 0 && maskedLanguageModelInits(config)),
  }),

  examples: clozes,

  collate: (examples, context) => collateClozes(examples, context),

  embedding: ({ pooling }) => ({ pooling, similarity: "dot" }),

  represent: (context, batch) =>
    representClozes(context, batch, (hidden, tokens) =>
      project(context, pool(context.options.pooling, hidden, tokens)),
    ),

  contrast: contrastClozes,
});

const pool = (pooling: "cls" | "mean", hidden: Tensor3D, { attentionMask }: Tokens): Tensor2D =>
  pooling === "cls" ? clsPooling(hidden) : meanPooling(hidden, attentionMask);

/** ORQA's: dropout of LN(Wx + b), `[B, H]` -> `[B, D]`; `x` itself where there is no projection. */
function project<Heads>(
  { scope, options, config }: LossContext<{ projectionSize: number }, Heads>,
  x: Tensor2D,
): Tensor2D {
  if (options.projectionSize === 0) return x;
  const p = scope("ict.projection");
  return p.dropout(layerNorm(p.at("LayerNorm"), linear(p, x) as Tensor2D, config.layerNormEpsilon), config.dropout);
}
