import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openCorpus } from "@propria/collection";
import { pretrain } from "@propria/objectives";
import { type ConfigName, namedConfig } from "@propria/transformer-core";
import type { Json } from "../graph/canonical.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { type ModelStep, modelPath, type TrainedStep } from "./model.ts";
import { showTraining, trainingCurve } from "./training-curve.ts";

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
  seed: number;
}

/** Where it starts: a model, or a size and a vocabulary. */
export type PretrainStart =
  | { init: ModelStep }
  | { config: ConfigName; vocabulary: Step<{ vocabulary: string; entries: number }> };

/** Pre-trains an encoder on a corpus; stopped, it goes on from its last checkpoint. */
export function pretrainStep(
  corpus: Step<{ model: string }>,
  start: PretrainStart,
  { label, ...settings }: PretrainSettings,
): TrainedStep {
  const input = "init" in start ? { init: start.init } : { vocabulary: start.vocabulary };
  return defineStep({
    name: `pre-training ${label}, seed ${settings.seed}`,
    kind: "pretrain",
    version: 1,
    settings: { ...settings, ...("config" in start && { config: start.config }) },
    inputs: { corpus, ...input },
    async run(context) {
      const { folder, of, signal, threads, onProgress } = context;
      const out = join(folder, "model");
      if (!existsSync(join(out, "propria.json"))) {
        await pretrain({
          corpus: await openCorpus(of(corpus).folder),
          ...settings,
          start:
            "init" in start
              ? { init: modelPath(context, start.init) }
              : {
                  config: (vocabSize) => namedConfig(start.config, { vocabSize }),
                  vocabulary: join(of(start.vocabulary).folder, of(start.vocabulary).output.vocabulary),
                },
          out,
          threads,
          signal,
          onPrepare: (documents) => onProgress({ done: documents, unit: "documents" }),
          onProgress: showTraining(context),
        });
      }
      await rm(join(out, "checkpoints"), { recursive: true, force: true });
      return { model: "model", ...(await trainingCurve(out)) };
    },
  });
}
