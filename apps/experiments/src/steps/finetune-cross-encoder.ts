import { openCollection } from "@propria/collection";
import { finetuneCrossEncoder } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { type AdapterSettings, adapted } from "./adapted.ts";
import { type RunStep, runFile } from "./search.ts";
import { trainedModel } from "./trained-model.ts";
import type { TrainedStep } from "./training-curve.ts";

/** What a cross-encoder's fine-tuning is told. */
export interface CrossEncoderSettings {
  /** For people: `PROP, wikiqa`. */
  label: string;
  split: string;
  /** So many of the split's queries, drawn by the seed; for one seed fewer are among more. Default: all. */
  queries?: number;
  groupSize: number;
  epochs: number;
  batch: number;
  learningRate: number;
  queryTokens: number;
  maxTokens: number;
  seed: number;
  /** What is trained, with the head, while the model stays; default: all of the model. */
  adapter?: AdapterSettings;
}

/** Fine-tunes a cross-encoder on a split's judgements, with the candidates' documents that are not relevant as negatives. */
export const finetuneCrossEncoderStep = (
  init: FolderStep,
  collection: FolderStep,
  candidates: RunStep,
  { label, ...settings }: CrossEncoderSettings,
): TrainedStep =>
  defineStep({
    name: `fine-tuning ${label}, seed ${settings.seed}`,
    kind: "finetune-cross-encoder",
    version: 1,
    settings: { ...settings },
    inputs: { init, collection, candidates },
    run: (context) =>
      trainedModel(context, async (told) =>
        finetuneCrossEncoder({
          ...adapted(settings),
          collection: await openCollection(pathOf(context, collection)),
          init: pathOf(context, init),
          negatives: { file: runFile(context, candidates) },
          onPrepare: ({ stage, done }) => context.onProgress({ done, unit: stage }),
          ...told,
        }),
      ),
  });
