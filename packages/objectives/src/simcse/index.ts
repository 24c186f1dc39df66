import { PropriaError } from "@propria/base";
import { linear } from "@propria/engine";
import { clsPooling, denseInits, maskedLanguageModelInits } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineObjective } from "../define-objective.ts";
import { collateMasks, inBatchContrastive, l2Normalize, maskedTokenMean } from "../toolkit/index.ts";
import { windows } from "./examples.ts";

/**
 * Unsupervised SimCSE: a text read twice, under different dropout, is a positive pair; the other texts of the batch are its negatives.
 *
 * With z = tanh(W h_CLS + b) while training and h_CLS afterwards: −log e^(cos(zᵢ, zᵢ′)/τ) / Σⱼ e^(cos(zᵢ, zⱼ′)/τ).
 * It needs dropout: an encoder without any gives zᵢ = zᵢ′, and then only pushes texts apart, so it is refused (`NO_DROPOUT`).
 *
 * Differs from the paper: a text is a window of a document, not a sentence of Wikipedia.
 *
 * @see Gao et al., "SimCSE: Simple Contrastive Learning of Sentence Embeddings", EMNLP 2021. https://arxiv.org/abs/2104.08821
 */
export default defineObjective({
  name: "simcse",

  options: z.object({
    temperature: z.number().positive().default(0.05).describe("τ: divides the cosines"),
    windowTokens: z
      .number()
      .int()
      .min(3)
      .default(512)
      .describe(
        "longest text, special tokens included, where a row is not shorter; the code has sentences of 32. A guess",
      ),
    projection: z
      .boolean()
      .default(true)
      .describe("tanh(W h + b) on h_CLS while training; not in the saved model's embeddings. Of the code"),
    contrastiveWeight: z.number().nonnegative().default(1).describe("weight of the contrastive loss"),
    maskedWeight: z
      .number()
      .nonnegative()
      .default(0)
      .describe(
        "weight of the masked language model's loss, of a third pass; 0 in the paper and in its code (whose switch for it has 0.1). Where it starts fresh, its head takes most of the clipped gradient",
      ),
    maskRate: z.number().gt(0).lt(1).default(0.15).describe("share of the pieces that is masked"),
    maxMasked: z.number().int().positive().default(60).describe("most pieces masked in a row. A guess: PROP's"),
  }),

  async prepare(_, { encoder: { config } }): Promise<undefined> {
    if (config.dropout === 0 && config.attentionDropout === 0)
      throw new PropriaError(
        "NO_DROPOUT",
        "simcse reads a text twice under different dropout, and this encoder has none",
        {
          at: "dropout",
          mend: "train with --dropout 0.1 (as a library: dropout: 0.1)",
        },
      );
  },

  heads: (config, { projection, maskedWeight }) => ({
    ...(projection && denseInits("simcse.projection", config.hiddenSize, config.hiddenSize, config)),
    ...(maskedWeight > 0 && maskedLanguageModelInits(config)),
  }),

  examples: windows,

  collate(examples, { pad, options }) {
    const text = pad(examples.map(({ window }) => window));
    if (options.maskedWeight === 0) return { text };
    const rows = examples.map(({ masked }) => masked!);
    const masked = pad(rows.map(({ inputIds }) => inputIds));
    const masking = { rate: options.maskRate, maxMasked: options.maxMasked };
    return { text, masked, masks: collateMasks(rows, masked.inputIds.shape[1], masking) };
  },

  embedding: { pooling: "cls", similarity: "cosine" },

  represent(context, batch) {
    const { encode, scope, options } = context;
    const view = (): Tensor2D => {
      const cls = clsPooling(encode(batch.text)); // [B, H], with dropout of its own
      return options.projection ? (tf.tanh(linear(scope("simcse.projection"), cls)) as Tensor2D) : cls;
    };
    const vectors = { first: view(), second: view() };
    if (!batch.masks) return { vectors };
    const mlm = maskedTokenMean(context, encode(batch.masked), batch.masks, options.maskedWeight);
    return { vectors, means: { mlm } };
  },

  contrast({ options }, { first, second }) {
    const simcse = inBatchContrastive(l2Normalize(first), l2Normalize(second), options.temperature);
    return { loss: tf.mul(simcse, options.contrastiveWeight), parts: { simcse } };
  },
});
