/** What every fine-tuning is told, and what it tells. */
import { PropriaError } from "@propria/base";
import type { BackendName } from "@propria/engine";
import type { TrainingProgress } from "@propria/trainer";
import { z } from "zod";
import type { Preparation, TrainingCollection } from "./training-documents.ts";

/** What every fine-tuning needs; the defaults that differ are said by each. Paths are folders unless said otherwise. */
export interface FineTuning {
  collection: TrainingCollection;
  /** The split whose judgements are learnt; default `"train"`. */
  split?: string;
  /** The model to start from: an encoder. */
  init: string;
  /** The model folder to write; must not exist, or hold an unfinished training of the same settings to resume. */
  out: string;
  /** Default 0. */
  seed?: number;
  /** Updates; or passes over the training queries or passages. */
  steps?: number;
  epochs?: number;
  /** Queries or passages in a step. */
  batch?: number;
  /** The highest. */
  learningRate?: number;
  /** Part of the training in which the rate rises; default 0.1. */
  warmupRatio?: number;
  /** Steps between checkpoints; default the trainer's. */
  checkpointEvery?: number;
  resume?: "auto" | "never" | "must";
  /** Default `"onnx"`. */
  backend?: BackendName;
  threads?: number;
  /** `"small"`: one compiled length gives back its memory for the next; the same bits, a little slower. Default `"fast"`. */
  memory?: "fast" | "small";
  /** 0 makes the batches in this thread instead of a worker; the result is the same. */
  workers?: 0 | 1;
  signal?: AbortSignal;
  /** Called while the documents are read, and where negatives are looked for, while they are; often. */
  onPrepare?: (preparation: Preparation) => void;
  onProgress?: (progress: TrainingProgress) => void;
}

/** What came of it. */
export interface FineTuningResult {
  folder: string;
  steps: number;
  /** Mean loss of the last steps. */
  loss: number;
  elapsedSeconds: number;
  tokensPerSecond: number;
}

const count = z.int().positive();

/** The options of every fine-tuning that decide what is learnt, for a form. @param usual The defaults that differ. */
export const fineTuningOptions = (usual: { batch: number; learningRate: number }) => ({
  split: z.string().default("train"),
  seed: z.int().default(0),
  steps: count.optional(),
  epochs: count.optional(),
  batch: count.default(usual.batch),
  learningRate: z.number().positive().default(usual.learningRate),
  warmupRatio: z.number().min(0).lt(1).default(0.1),
});

/**
 * The options of a form with their defaults.
 *
 * @param training The options, among whatever else.
 * @param what     What an error calls the training.
 * @throws {PropriaError} `OPTION_INVALID`, naming the first that cannot be.
 */
export function checkedOptions<Options extends { steps?: number | undefined; epochs?: number | undefined }>(
  form: z.ZodType<Options>,
  training: object,
  what = "fine-tuning",
): Options {
  const { data, error } = form
    .refine(({ steps, epochs }) => steps === undefined || epochs === undefined, {
      error: "give one of steps and epochs",
      path: ["steps"],
    })
    .safeParse(training);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw new PropriaError("OPTION_INVALID", message, { at: `${what}: ${path.join(".")}`, cause: error });
}

/** Tells how far the preparation is, unless the training is to stop. @throws {PropriaError} `INTERRUPTED`. */
export function tellPreparation(
  { out, signal, onPrepare }: Pick<FineTuning, "out" | "signal" | "onPrepare">,
  preparation: Preparation,
): void {
  if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped before the first step", { at: out });
  onPrepare?.(preparation);
}
