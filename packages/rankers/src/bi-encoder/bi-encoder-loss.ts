/** What a bi-encoder's training minimises, in stages: texts become vectors chunk by chunk, and all vectors of the batch are contrasted. */
import type { Attachment } from "@propria/adapters";
import type { OnDevice, StagedLoss } from "@propria/engine";
import type { EncoderConfig, Tokens } from "@propria/transformer-core";
import { adaptedScope } from "../adapted/adapted-model.ts";
import { type Pooling, textVectors } from "./bi-encoder.ts";
import type { BiEncoderBatch, TaughtBatch } from "./bi-encoder-source.ts";
import { type ContrastOptions, contrast, type Represented } from "./contrast.ts";

/** The loss of {@link contrast} over the vectors of queries and passages, with what is attached to the encoder. */
export const biEncoderLoss = (
  config: EncoderConfig,
  pooling: Pooling,
  how: ContrastOptions,
  attachment?: Attachment,
): StagedLoss<BiEncoderBatch, Represented> => ({
  represent(parameters, batch, { dropout }) {
    const root = adaptedScope(parameters, attachment, dropout);
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
