import { join } from "node:path";
import { openCollection } from "@propria/collection";
import { finetuneBiEncoder } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { type AdapterSettings, adapted } from "./adapted.ts";
import type { MineOutput } from "./mine.ts";
import { trainedModel } from "./trained-model.ts";
import type { TrainedStep } from "./training-curve.ts";

/** What a fine-tuning is told. */
export interface FinetuneSettings {
  /** For people: `COSTA, BM25 negatives`. */
  label: string;
  split: string;
  groupSize: number;
  pooling: "cls" | "mean";
  similarity: "dot" | "cosine";
  temperature?: number;
  epochs: number;
  batch: number;
  learningRate: number;
  maxTokens: number;
  queryTokens: number;
  seed: number;
  /** What is trained while the model stays; default: all of the model. */
  adapter?: AdapterSettings;
}

/** `bm25`, `in-batch`, or those that another model mined. */
export type Negatives = "bm25" | "in-batch" | Step<MineOutput>;

/** Fine-tunes a bi-encoder on a collection's judgements; stopped, it goes on from its last checkpoint. */
export function finetuneStep(
  init: FolderStep,
  collection: FolderStep,
  negatives: Negatives,
  { label, ...settings }: FinetuneSettings,
): TrainedStep {
  const mined = typeof negatives === "string" ? undefined : negatives;
  return defineStep({
    name: `fine-tuning ${label}, seed ${settings.seed}`,
    kind: "finetune",
    version: 1,
    settings: { ...settings, negatives: mined ? "mined" : (negatives as string) },
    inputs: { init, collection, ...(mined && { negatives: mined }) },
    run: (context) =>
      trainedModel(context, async (told) =>
        finetuneBiEncoder({
          ...adapted(settings),
          collection: await openCollection(pathOf(context, collection)),
          init: pathOf(context, init),
          negatives: mined
            ? { file: join(context.of(mined).folder, context.of(mined).output.file) }
            : (negatives as "bm25" | "in-batch"),
          onPrepare: ({ stage, done }) => context.onProgress({ done, unit: stage }),
          ...told,
        }),
      ),
  });
}
