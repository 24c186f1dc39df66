/** Negatives for a stage of a training: the corpus through a model, and what it ranks high for the training queries. */
import { PropriaError } from "@propria/base";
import { documentText } from "@propria/collection";
import { createIndex } from "@propria/dense-index";
import { readContract } from "@propria/transformer-core";
import { mineNegatives } from "../negatives/mine.ts";
import { type MiningReport, writeNegatives } from "../negatives/write.ts";
import type { TrainingCollection } from "../training-documents.ts";
import { withoutUndefined } from "../without-undefined.ts";
import type { BiEncoderTraining } from "./bi-encoder-training.ts";
import { openBiEncoder } from "./open-bi-encoder.ts";
import type { Stage, StageMining } from "./recipe.ts";

/** What is mined, and with what. */
export interface MineStage extends Pick<BiEncoderTraining, "backend" | "threads" | "signal"> {
  stage: Stage;
  mining: StageMining;
  /** The model's folder. */
  model: string;
  collection: TrainingCollection;
  /** Called when something else is begun, and for documents encoded and queries mined as they are. */
  tell: (doing: "encode" | "mine", done?: number) => void;
}

/**
 * Encodes the corpus, answers the split's queries by exact search, and writes what is not relevant. Memory holds a vector of each document.
 *
 * @throws {PropriaError} `INTERRUPTED`; what `openBiEncoder` and `mineNegatives` throw.
 */
export async function mineForStage(
  file: string,
  { stage, mining, model: folder, collection, backend, threads, signal, tell }: MineStage,
): Promise<MiningReport> {
  const stopWhenAborted = () => {
    if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped while mining", { at: file });
  };
  const { with: _, maxTokens = stage.maxTokens, ...how } = mining;
  const bare = (await readContract(folder)) === undefined;
  const model = await openBiEncoder(folder, {
    ...withoutUndefined({ backend, threads, maxTokens }),
    ...(bare && withoutUndefined({ pooling: stage.pooling, similarity: stage.similarity })),
  });
  const { dimensions, contract, space } = model;
  const similarity = contract.similarity as "dot" | "cosine";
  const index = await createIndex({ kind: "exact", dimensions, similarity, space, ...withoutUndefined({ threads }) });
  try {
    tell("encode");
    const documents = model.encodeStream(textsOf(collection), { side: "document", window: WINDOW });
    for await (const { ids, vectors } of documents) {
      stopWhenAborted();
      await index.add(ids, vectors);
      tell("encode", index.size);
    }
    tell("mine");
    const mined = mineNegatives({
      ...{ model, index, collection },
      ...withoutUndefined({ ...how, split: stage.split, seed: stage.seed }),
      onProgress({ queries }) {
        stopWhenAborted();
        tell("mine", queries);
      },
    });
    return await writeNegatives(file, mined);
  } finally {
    await index.release();
    await model.release();
  }
}

const WINDOW = 1024; // texts between two looks at the signal

async function* textsOf(collection: TrainingCollection) {
  for await (const document of collection.documents()) yield { id: document.id, text: documentText(document) };
}
