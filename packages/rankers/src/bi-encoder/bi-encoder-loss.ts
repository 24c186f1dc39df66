/** What a bi-encoder's training minimises, in stages: texts become vectors chunk by chunk, and all vectors of the batch are contrasted. */
import { type OnDevice, type StagedLoss, scope } from "@propria/engine";
import type { EncoderConfig, Tokens } from "@propria/transformer-core";
import { type Pooling, textVectors } from "./bi-encoder.ts";
import type { BiEncoderBatch, TaughtBatch } from "./bi-encoder-source.ts";
import { type ContrastOptions, contrast, type Represented } from "./contrast.ts";

/** The loss of {@link contrast} over the vectors of queries and passages. */
export const biEncoderLoss = (
  config: EncoderConfig,
  pooling: Pooling,
  how: ContrastOptions,
): StagedLoss<BiEncoderBatch, Represented> => ({
  represent(parameters, batch, { dropout }) {
    const root = scope(parameters, "", { dropout });
    const { query, passages, documents, relevant } = batch;
    const { teacher, taught } = batch as Partial<OnDevice<TaughtBatch>>;
    return {
      vectors: {
        queries: textVectors(root, query as Tokens, config, pooling), // [B, H]
        passages: textVectors(root, passages as Tokens, config, pooling), // [B·n, H]
        ...{ documents, relevant },
        ...(teacher && taught && { teacher, taught }),
      },
    };
  },
  contrast: (_, vectors) => contrast(vectors, how),
});
