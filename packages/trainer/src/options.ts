import { PropriaError } from "@propria/base";
import type { AdamWOptions, Backend, Batch, ParameterStore, StagedLoss, TrainingStepOptions } from "@propria/engine";
import { z } from "zod";
import type { Remainder } from "./batch-plan.ts";
import type { BatchSize } from "./buckets.ts";
import { type EvaluationSettings, evaluationSettings, type TrainingEvaluation } from "./evaluation.ts";
import type { TrainingProgress } from "./progress.ts";
import type { ExampleSource, SourceSpec } from "./source.ts";

/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** How long to train: a number of updates, or of passes over the items. */
export type TrainingLength = { steps: number; epochs?: undefined } | { epochs: number; steps?: undefined };

/** A function from a batch to its loss, or a loss in stages. */
export type TrainableLoss<B extends Batch> = TrainingStepOptions<B>["loss"] | StagedLoss<B>;

/** Everything `train` needs; `B` is what the source's `collate` gives. */
export type TrainOptions<B extends Batch = Batch> = TrainingLength & {
  /** A module for the data worker, or an object that makes its examples in this thread. */
  source: SourceSpec | ExampleSource<unknown, B>;
  /** The parameters, at their initial values; after training they hold the trained ones. */
  store: ParameterStore;
  backend: Backend;
  /**
   * What is minimised; traced by the engine once per batch shape. A staged one can be computed chunk by chunk (`chunk`), and its
   * batches hold one example of an item as far as they can, for it contrasts them.
   */
  loss: TrainableLoss<B>;
  /** The folder of this training: checkpoints, events, identity. Made when absent. */
  out: string;
  seed: number;
  /**
   * Everything else that decides the result (objective, its options, corpus hash, initial weights' origin).
   * Resuming with another value is an error that names the field. The options given here take part by themselves.
   */
  identity: Json;
  /**
   * Examples per update, or `{ tokens }` for about as many tokens in each. The first is the default form: the memory of
   * a step then grows with the length bucket (attention with its square); with `{ tokens }` it stays about the same.
   */
  batch: BatchSize;
  /**
   * For a staged loss: examples that are computed at a time, or `{ tokens }` for about as many tokens. The memory of a step then
   * depends on the chunk and no longer on the batch, for one more forward pass. Collated chunk by chunk. Part of the
   * training's identity, as dropout masks belong to chunks.
   */
  chunk?: BatchSize | undefined;
  /** Highest learning rate: reached after the warm-up, falling linearly to 0 at the end. */
  learningRate: number;
  /** Part of the training that is warm-up, in [0, 1); default 0.1. */
  warmupRatio?: number | undefined;
  /** Betas, epsilon, weight decay, clipping; default: the engine's. */
  optimizer?: AdamWOptions | undefined;
  /** Longest example, special tokens included; default 512. */
  maxTokens?: number | undefined;
  /** What happens to the examples that fill no batch at the very end; default `"drop"`. */
  remainder?: Remainder | undefined;
  /**
   * Batches' worth of examples among which a batch is drawn, in each length bucket; default 8. 1 takes them as they come:
   * the five pairs that PROP draws from a document then make up a batch with few others.
   */
  mixBatches?: number | undefined;
  /** Steps between checkpoints; default 500. One more is written at the end. */
  checkpointEvery?: number | undefined;
  /** Go on where `out` stopped (`auto`: if it holds a training), insist on a new one, or on going on; default `auto`. */
  resume?: "auto" | "never" | "must" | undefined;
  /** Threads that make batches: 0 makes them in this one, with the same result; default 1 for a module, 0 for an object. */
  workers?: 0 | 1 | undefined;
  /** Batch shapes kept compiled, each with memory of its own; default: the engine's, 4. Fewer than the shapes in use compile again and again. */
  sessions?: number | undefined;
  /** Batches that the worker may be ahead; default 4. */
  batchesAhead?: number | undefined;
  /** Evaluate now and then; after training the store holds the weights of the best value. Default: it holds the last. */
  evaluation?: TrainingEvaluation | undefined;
  /** Milliseconds from any origin, for elapsed times; default `performance.now`. No weight depends on it. */
  clock?: (() => number) | undefined;
  onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Aborting writes a checkpoint at the next step boundary and ends `train` with the error `INTERRUPTED`. */
  signal?: AbortSignal | undefined;
};

/** The options with their defaults, checked. */
export interface Settings<B extends Batch> {
  source: SourceSpec | ExampleSource<unknown, B>;
  store: ParameterStore;
  backend: Backend;
  loss: TrainableLoss<B>;
  out: string;
  identity: Json;
  seed: number;
  length: TrainingLength;
  batch: BatchSize;
  chunk: BatchSize | undefined;
  learningRate: number;
  warmupRatio: number;
  optimizer: AdamWOptions;
  maxTokens: number;
  remainder: Remainder;
  mixBatches: number;
  /** At most one example of an item in a batch, where the loss looks at several examples: one in stages. */
  distinctItems: boolean;
  checkpointEvery: number;
  resume: "auto" | "never" | "must";
  workers: 0 | 1;
  sessions: number | undefined;
  batchesAhead: number;
  /** What of it decides the result, checked, and what gives the values. */
  evaluation: (EvaluationSettings & TrainingEvaluation) | undefined;
  clock: () => number;
  onProgress: (progress: TrainingProgress) => void;
  signal: AbortSignal | undefined;
}

const positive = z.int().positive();
const size = z.union([positive, z.object({ tokens: positive })], "expected a positive integer or { tokens }");
const form = z.object({
  seed: z.int(),
  steps: positive.optional(),
  epochs: positive.optional(),
  batch: size,
  chunk: size.optional(),
  learningRate: z.number().positive(),
  warmupRatio: z.number().min(0).lt(1).default(0.1),
  maxTokens: positive.default(512),
  remainder: z.enum(["drop", "train"]).default("drop"),
  mixBatches: positive.default(8),
  checkpointEvery: positive.default(500),
  resume: z.enum(["auto", "never", "must"]).default("auto"),
  workers: z.union([z.literal(0), z.literal(1)], "expected 0 or 1").optional(),
  sessions: positive.optional(),
  batchesAhead: positive.default(4),
});

/**
 * Fills in what was left out.
 *
 * @throws {PropriaError} `OPTION_INVALID`, naming the first option that cannot be.
 */
export function settingsOf<B extends Batch>(options: TrainOptions<B>): Settings<B> {
  const parsed = form.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(issue!.path.join("."), issue!.message);
  }
  const { steps, epochs, workers, sessions, chunk, ...checked } = parsed.data;
  if ((steps === undefined) === (epochs === undefined)) throw invalid("steps", "expected either steps or epochs");
  const module = "module" in options.source;
  if (workers === 1 && !module) throw invalid("workers", "a worker thread needs a source module, found an object");
  const { source, store, backend, loss, out, identity, optimizer = {}, signal } = options;
  if (chunk !== undefined && typeof loss === "function")
    throw invalid("chunk", "expected a loss with represent and contrast, found a plain one, which cannot be cut");
  return {
    ...{ source, store, backend, loss, out, identity, optimizer, signal },
    ...checked,
    distinctItems: typeof loss !== "function",
    length: steps === undefined ? { epochs: epochs! } : { steps },
    chunk,
    workers: workers ?? (module ? 1 : 0),
    sessions,
    evaluation: options.evaluation && { ...options.evaluation, ...evaluationSettings(options.evaluation) },
    clock: options.clock ?? (() => performance.now()),
    onProgress: options.onProgress ?? (() => undefined),
  };
}

const invalid = (option: string, what: string): PropriaError =>
  new PropriaError("OPTION_INVALID", what, { at: `train: ${option}` });
