/** The demo's models: encoders pre-trained with MLM and with PROP, and a cross-encoder from each. */
import { join } from "node:path";
import type { Collection } from "@propria/collection";
import { pretrain } from "@propria/objectives";
import { finetuneCrossEncoder } from "@propria/rankers";
import type { TrainingProgress } from "@propria/trainer";
import { namedConfig } from "@propria/transformer-core";
import type { CommandContext } from "../program/command.ts";
import { given } from "../program/given.ts";
import { writeVocabulary } from "../steps/vocabulary.ts";
import { finetuningDisplay, trainingDisplay } from "../training/display.ts";
import { DEMO } from "./settings.ts";

/** One point of a loss curve. */
export interface LossPoint {
  step: number;
  loss: number;
  parts: Record<string, number>;
}

/** A trained model and how its loss fell. */
export interface TrainedModel {
  folder: string;
  curve: LossPoint[];
}

/** What every training of the demo shares. */
export interface TrainingContext extends CommandContext {
  out: string;
  seed: number;
  threads: number | undefined;
}

/** Trains the vocabulary; gives its folder. */
export async function demoVocabulary(collection: Collection, { out, progress }: TrainingContext): Promise<string> {
  const folder = join(out, "vocabulary");
  await writeVocabulary(collection, {
    size: DEMO.vocabularyEntries,
    minFrequency: 2,
    cased: false,
    out: folder,
    progress,
  });
  return folder;
}

/** Pre-trains an encoder with one objective; all objectives get the same steps, rows per step and seed. */
export async function demoPretraining(
  objective: "mlm" | "prop",
  collection: Collection,
  vocabulary: string,
  context: TrainingContext,
): Promise<TrainedModel> {
  const { out, seed, threads, signal } = context;
  const display = trainingDisplay(`pre-training ${objective}`, context);
  const curve: LossPoint[] = [];
  const { folder } = await pretrain({
    corpus: collection,
    objective,
    options: DEMO.pretrainingOptions[objective],
    start: { config: (vocabSize) => namedConfig(DEMO.config, { vocabSize }), vocabulary },
    out: join(out, objective),
    ...DEMO.pretraining,
    batch: DEMO.pretrainingBatch[objective],
    maxTokens: DEMO.maxTokens,
    ...given({ threads }),
    seed,
    signal,
    onPrepare: display.onPrepare,
    onProgress: recording(curve, display.onProgress),
  });
  display.end();
  return { folder, curve };
}

/** Fine-tunes a cross-encoder on the collection's training queries. */
export async function demoFinetuning(
  init: TrainedModel,
  name: string,
  collection: Collection,
  context: TrainingContext,
): Promise<TrainedModel> {
  const { out, seed, threads, signal } = context;
  const display = finetuningDisplay(`fine-tuning ${name}`, context);
  const curve: LossPoint[] = [];
  const { folder } = await finetuneCrossEncoder({
    collection,
    split: "train",
    init: init.folder,
    out: join(out, `${name}-cross-encoder`),
    ...DEMO.finetuning,
    maxTokens: DEMO.maxTokens,
    ...given({ threads }),
    seed,
    signal,
    onPrepare: display.onPrepare,
    onProgress: recording(curve, display.onProgress),
  });
  display.end();
  return { folder, curve };
}

const recording = (curve: LossPoint[], show: (progress: TrainingProgress) => void) => (progress: TrainingProgress) => {
  curve.push({ step: progress.step, loss: progress.loss, parts: progress.parts });
  show(progress);
};
