/** The models of a table: one start, and from it each system, pre-trained further at equal steps. */
import { namedConfig } from "@propria/transformer-core";
import type { PlanContext } from "../experiment.ts";
import type { FolderStep } from "../graph/folder-step.ts";
import { passagesStep } from "../steps/passages.ts";
import { pieceVectorsStep } from "../steps/piece-vectors.ts";
import { pretrainStep } from "../steps/pretrain.ts";
import { sampleStep } from "../steps/sample.ts";
import type { TrainedStep } from "../steps/training-curve.ts";
import { vocabularyStep } from "../steps/vocabulary.ts";
import { chunkFor, examplesFor, type PretrainingSystem } from "./objectives.ts";
import type { PretrainingSettings } from "./settings.ts";

/** Words of a passage, for objectives that want short documents: about a row of 128 tokens. */
const PASSAGE_WORDS = 90;

/** Where steps come from: a row's settings, and the seed. */
export interface SettingOf<Settings extends PretrainingSettings> {
  context: PlanContext;
  settings: Settings;
  seed: number;
}

/** Where a pre-training comes from. */
export type PretrainingSetting = SettingOf<PretrainingSettings>;

/** The model that all systems are pre-trained further from. */
export function startModel({ context, settings, seed }: PretrainingSetting): FolderStep {
  const { start, corpus } = settings;
  if ("model" in start) return context.model(start.model);
  const { steps, rows, maxTokens, learningRate, dropout, maskRate } = start.base;
  const vocabulary = vocabularyStep(context.data(corpus), start.vocabulary);
  const { hiddenSize } = namedConfig(start.config, { vocabSize: start.vocabulary.size });
  const pieces = { ...start.pieceVectors, dimensions: hiddenSize, seed };
  const pieceVectors = pieceVectorsStep(context.data(corpus), vocabulary, pieces);
  const batch = examplesFor("mlm", rows);
  return pretrainStep(
    context.data(corpus),
    { config: start.config, ...(dropout !== undefined && { dropout }), vocabulary, pieceVectors },
    {
      ...{ label: `${start.config}, base`, objective: "mlm", steps, batch, maxTokens, learningRate, seed },
      ...(maskRate !== undefined && { options: { maskRate } }),
    },
  );
}

/** A system's model: the start, pre-trained further for the same steps and rows as every other. */
export function pretrained(setting: PretrainingSetting, wanted: PretrainingSystem): TrainedStep {
  const { system, objective, options, dropout } = wanted;
  const { context, settings, seed } = setting;
  const { start, further } = settings;
  const { steps, rows, maxTokens, learningRate, chunkRows } = further;
  const from = "model" in start ? start.name : start.config;
  const chunk = chunkFor(objective, chunkRows);
  return pretrainStep(
    pretrainingCorpus(wanted, context.data(settings.corpus)),
    { init: startModel(setting) },
    {
      label: `${from} + ${system}`,
      ...{ objective, steps, maxTokens, learningRate, seed },
      ...(options && { options }),
      ...(dropout !== undefined && { dropout }),
      batch: examplesFor(objective, rows),
      ...(chunk !== undefined && { chunk }),
    },
  );
}

/** What a system reads of a corpus. */
export function pretrainingCorpus({ passages, every }: PretrainingSystem, whole: FolderStep): FolderStep {
  if (!passages) return whole;
  const cut = passagesStep(whole, PASSAGE_WORDS);
  return every === undefined ? cut : sampleStep(`the passages of ${PASSAGE_WORDS} words`, cut, every);
}

/** Names of steps: systems of two starts are different. */
export function nameOf({ settings: { start } }: PretrainingSetting, system: string, stage: string): string {
  const from = "model" in start ? start.name : start.config;
  return `${from === system ? system : `${from} + ${system}`}, ${stage}`;
}
