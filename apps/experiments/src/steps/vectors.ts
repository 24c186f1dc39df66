/** Documents as vectors in an exact index. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Corpus, documentText, openCorpus } from "@propria/collection";
import { createIndex } from "@propria/dense-index";
import { type BiEncoder, openBiEncoder } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step, type StepContext } from "../graph/step.ts";

/** How a model's texts become vectors, where the model's own contract does not say or is overruled. */
export interface EncodingSettings {
  pooling?: "cls" | "mean";
  similarity?: "dot" | "cosine";
  maxTokens?: number;
}

/** A step that gives an index. */
export type IndexStep = Step<{ path: string; documents: number }>;

/** An exact index of a collection's documents. */
export const indexStep = (
  label: string,
  model: FolderStep,
  collection: FolderStep,
  encoding: EncodingSettings,
): IndexStep =>
  defineStep({
    name: `encoding ${label}`,
    kind: "vectors",
    version: 1,
    settings: { ...encoding },
    inputs: { model, collection },
    async run(context) {
      const { folder, threads, onProgress, stopIfAsked } = context;
      const corpus = await openCorpus(pathOf(context, collection));
      return withBiEncoder(context, model, encoding, async (encoder) => {
        const index = await createIndex({
          kind: "exact",
          dimensions: encoder.dimensions,
          similarity: encoder.contract.similarity === "cosine" ? "cosine" : "dot",
          space: encoder.space as never,
          ...(threads !== undefined && { threads }),
        });
        try {
          for await (const { ids, vectors } of encoder.encodeStream(texts(corpus), {
            side: "document",
            window: 2048,
          })) {
            stopIfAsked();
            await index.add(ids, vectors);
            onProgress({ done: index.size, unit: "documents" });
          }
          const path = join(folder, "index");
          await rm(path, { recursive: true, force: true });
          await index.save(path);
          return { path: "index", documents: index.size };
        } finally {
          await index.release();
        }
      });
    },
  });

/** Opens a model for as long as `use` runs. */
export async function withBiEncoder<Result>(
  context: StepContext,
  model: FolderStep,
  encoding: EncodingSettings,
  use: (encoder: BiEncoder) => Promise<Result>,
): Promise<Result> {
  const encoder = await openBiEncoder(pathOf(context, model), {
    ...encoding,
    ...(encoding.similarity !== undefined && { normalize: encoding.similarity === "cosine" }),
    ...(context.threads !== undefined && { threads: context.threads }),
  });
  try {
    return await use(encoder);
  } finally {
    await encoder.release();
  }
}

async function* texts(corpus: Corpus): AsyncGenerator<{ id: string; text: string }> {
  for await (const document of corpus.documents()) yield { id: document.id, text: documentText(document) };
}
