import { openCollection } from "@propria/collection";
import { finetuneInteraction, type InteractionName } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { type RunStep, runFile } from "./search.ts";
import { trainedModel } from "./trained-model.ts";
import type { TrainedStep } from "./training-curve.ts";

/** What a ranker from before BERT is told; its word vectors are learnt from the collection's documents. */
export interface InteractionSettings {
  /** For people: `DRMM, wikiqa`. */
  label: string;
  model: InteractionName;
  vectors: { dimensions: number; minCount?: number };
  split: string;
  epochs: number;
  seed: number;
}

/** Trains DRMM, K-NRM or Conv-KNRM on a split's judgements, with the candidates' documents that are not relevant as negatives. */
export const finetuneInteractionStep = (
  collection: FolderStep,
  candidates: RunStep,
  { label, ...settings }: InteractionSettings,
): TrainedStep =>
  defineStep({
    name: `training ${label}, seed ${settings.seed}`,
    kind: "finetune-interaction",
    version: 1,
    settings: { ...settings },
    inputs: { collection, candidates },
    async run(context) {
      const { model, vectors, ...training } = settings;
      return trainedModel(context, async (told) =>
        finetuneInteraction({
          ...training,
          model: { model, dimensions: vectors.dimensions },
          vectors: { train: { ...vectors, seed: settings.seed } },
          collection: await openCollection(pathOf(context, collection)),
          negatives: { file: runFile(context, candidates) },
          onPrepare: ({ stage, done }) => context.onProgress({ done, unit: stage }),
          ...told,
        }),
      );
    },
  });
