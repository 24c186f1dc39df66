import type { AdamWOptions, Backend, Batch, OnDevice, ParameterStore, Parameters, StepContext } from "@propria/engine";
import type { Scalar } from "@tensorflow/tfjs-core";
import type { BatchSize, Remainder } from "./batch-plan.ts";
import type { TrainingProgress } from "./progress.ts";
import type { ExampleSource, SourceSpec } from "./source.ts";

/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What is minimised: traced by the engine once per batch shape. */
export type TrainingLoss = (
  parameters: Parameters,
  batch: OnDevice<Batch>,
  context: StepContext,
) => { loss: Scalar; parts?: Record<string, Scalar> };

/** How long to train: a number of updates, or of passes over the items. */
export type TrainingLength = { steps: number; epochs?: never } | { epochs: number; steps?: never };

/** Everything `train` needs. */
export type TrainOptions = TrainingLength & {
  /** A module for the data worker, or an object that makes its examples in this thread. */
  source: SourceSpec | ExampleSource<never>;
  /** The parameters, at their initial values; after training they hold the trained ones. */
  store: ParameterStore;
  backend: Backend;
  loss: TrainingLoss;
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
  /** Highest learning rate: reached after the warm-up, falling linearly to 0 at the end. */
  learningRate: number;
  /** Part of the training that is warm-up, in [0, 1); default 0.1. */
  warmupRatio?: number;
  /** Betas, epsilon, weight decay, clipping; default: the engine's. */
  optimizer?: AdamWOptions;
  /** Longest example, special tokens included; default 512. */
  maxTokens?: number;
  /** What happens to the examples that fill no batch at the very end; default `"drop"`. */
  remainder?: Remainder;
  /** Steps between checkpoints; default 500. One more is written at the end. */
  checkpointEvery?: number;
  /** Go on where `out` stopped (`auto`: if it holds a training), insist on a new one, or on going on; default `auto`. */
  resume?: "auto" | "never" | "must";
  /** Threads that make batches: 0 makes them in this one, with the same result; default 1 for a module, 0 for an object. */
  workers?: 0 | 1;
  /** Batches that the worker may be ahead; default 4. */
  batchesAhead?: number;
  /** Milliseconds from any origin, for elapsed times; default `performance.now`. No weight depends on it. */
  clock?: () => number;
  onProgress?: (progress: TrainingProgress) => void;
  /** Aborting writes a checkpoint at the next step boundary and ends `train` with the error `INTERRUPTED`. */
  signal?: AbortSignal;
};
