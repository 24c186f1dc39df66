import { openCorpus } from "@propria/collection";
import { pretrain } from "@propria/objectives";
import { type ConfigName, namedConfig } from "@propria/transformer-core";
import type { Json } from "../graph/canonical.ts";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { trainedModel } from "./trained-model.ts";
import type { TrainedStep } from "./training-curve.ts";

/** What a pre-training is told. */
export interface PretrainSettings {
  /** `COSTA`, for people. */
  label: string;
  objective: string;
  options?: { readonly [name: string]: Json };
  steps: number;
  /** Examples of a step. */
  batch: number;
  /** Examples that are computed at a time, where the objective's loss is in stages. */
  chunk?: number;
  maxTokens: number;
  learningRate: number;
  warmupRatio?: number;
  /** What this training drops, where not what the model does. */
  dropout?: number;
  seed: number;
}

/** Where it starts: a model, or a size and a vocabulary. */
export type PretrainStart = { init: FolderStep } | NewModel;

/** A fresh encoder; its embeddings start as `pieceVectors`, where given. */
export interface NewModel {
  config: ConfigName;
  dropout?: number;
  vocabulary: FolderStep;
  pieceVectors?: FolderStep;
}

/** Pre-trains an encoder on a corpus; stopped, it goes on from its last checkpoint. */
export function pretrainStep(
  corpus: FolderStep,
  start: PretrainStart,
  { label, ...settings }: PretrainSettings,
): TrainedStep {
  const inputs = "init" in start ? { init: start.init } : filesOf(start);
  return defineStep({
    name: `pre-training ${label}, seed ${settings.seed}`,
    kind: "pretrain",
    version: 1,
    settings: { ...settings, ...("config" in start && sizeOf(start)) },
    inputs: { corpus, ...inputs },
    run: (context) =>
      trainedModel(context, async (told) =>
        pretrain({
          corpus: await openCorpus(pathOf(context, corpus)),
          ...settings,
          start:
            "init" in start
              ? { init: pathOf(context, start.init) }
              : {
                  config: (vocabSize) => namedConfig(start.config, { vocabSize, ...droppedBy(start) }),
                  vocabulary: pathOf(context, start.vocabulary),
                  ...(start.pieceVectors && { pieceVectors: pathOf(context, start.pieceVectors) }),
                },
          onPrepare: (documents) => context.onProgress({ done: documents, unit: "documents" }),
          ...told,
        }),
      ),
  });
}

const filesOf = ({ vocabulary, pieceVectors }: NewModel) => ({ vocabulary, ...(pieceVectors && { pieceVectors }) });

const sizeOf = ({ config, dropout }: NewModel) => ({ config, ...(dropout !== undefined && { dropout }) });

/** One share for all that a BERT drops; its own 0.1 where none is given. */
const droppedBy = ({ dropout }: NewModel) => (dropout === undefined ? {} : { dropout, attentionDropout: dropout });
