import { layerNorm, linear } from "@propria/engine";
import {
  clsPooling,
  denseInits,
  layerNormInits,
  maskedLanguageModelInits,
  meanPooling,
  type Tokens,
} from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineObjective, type LossContext } from "../define-objective.ts";
import { collateMasks, inBatchContrastive, maskedTokenMean } from "../toolkit/index.ts";
import { type Cloze, clozes } from "./examples.ts";

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
    removal: z.number().min(0).max(1).default(0.9).describe("probability that the sentence is taken out of its block"),
    queryTokens: z.number().int().min(3).default(64).describe("longest sentence, special tokens included"),
    blockTokens: z
      .number()
      .int()
      .min(8)
      .default(288)
      .describe("longest block, title and special tokens included, where a row is not shorter"),
    blocks: z
      .enum(["one", "all"])
      .default("one")
      .describe("of a document of several blocks: one at random, another in each epoch; or all, as in ORQA. A guess"),
    titles: z.boolean().default(true).describe("put the document's title before the block"),
    language: z.string().default("en").describe("whose rules part the sentences, as a BCP 47 tag. Ours"),
    pooling: z.enum(["cls", "mean"]).default("cls").describe("a text's vector; ORQA has BERT's pooler. A guess"),
    projectionSize: z
      .number()
      .int()
      .nonnegative()
      .default(0)
      .describe(
        "dimensions of a linear map, LayerNorm and dropout on the vector; 0: none. ORQA has 128; the saved model's embeddings are without it",
      ),
    contrastiveWeight: z.number().nonnegative().default(1).describe("weight of the contrastive loss"),
    maskedWeight: z
      .number()
      .nonnegative()
      .default(0)
      .describe(
        "weight of the masked language model's loss on sentences and on blocks; 0 in ORQA, 1 in the Transformer_ICT of PROP's tables. Where it starts fresh, its head takes most of the clipped gradient",
      ),
    maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of the pieces that is masked"),
    maxMasked: z.number().int().positive().default(60).describe("most pieces masked in a row. A guess: PROP's"),
  }),

  heads: (config, { projectionSize, maskedWeight }) => ({
    ...(projectionSize > 0 && {
      ...denseInits("ict.projection", config.hiddenSize, projectionSize, config),
      ...layerNormInits("ict.projection.LayerNorm", projectionSize),
    }),
    ...(maskedWeight > 0 && maskedLanguageModelInits(config)),
  }),

  examples: clozes,

  collate(examples, { pad, options }) {
    const side = (rows: readonly Cloze["query"][]) => {
      const text = pad(rows.map(({ inputIds }) => inputIds));
      if (options.maskedWeight === 0) return { text };
      const masked = rows.map(({ inputIds, positions = [], labels = [] }) => ({ inputIds, positions, labels }));
      const masking = { rate: options.maskRate, maxMasked: options.maxMasked };
      return { text, masks: collateMasks(masked, text.inputIds.shape[1], masking) };
    };
    return { query: side(examples.map(({ query }) => query)), block: side(examples.map(({ block }) => block)) };
  },

  embedding: ({ pooling }) => ({ pooling, similarity: "dot" }),

  represent(context, { query, block }) {
    const { encode, options } = context;
    const [sentences, blocks] = [encode(query.text), encode(block.text)]; // [B, T, H]
    const vectors = {
      queries: project(context, pool(options.pooling, sentences, query.text)),
      blocks: project(context, pool(options.pooling, blocks, block.text)),
    };
    if (!query.masks || !block.masks) return { vectors };
    const means = {
      queryMlm: maskedTokenMean(context, sentences, query.masks, options.maskedWeight),
      blockMlm: maskedTokenMean(context, blocks, block.masks, options.maskedWeight),
    };
    return { vectors, means };
  },

  contrast({ options }, { queries, blocks }) {
    const ict = inBatchContrastive(queries, blocks, 1);
    return { loss: tf.mul(ict, options.contrastiveWeight), parts: { ict } };
  },
});

const pool = (pooling: "cls" | "mean", hidden: tf.Tensor3D, { attentionMask }: Tokens): Tensor2D =>
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
