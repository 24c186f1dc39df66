import type { Batch, OnDevice } from "./arrays.ts";
import type { Backend, Loss } from "./backend.ts";
import type { AdamWOptions } from "./optimizer/adam-w.ts";
import type { ParameterStore } from "./parameter-store.ts";
import type { Dropout, Parameters } from "./scope.ts";

/** What a training step is made of. */
export interface TrainingStepOptions<B extends Batch> {
  backend: Backend;
  /** Read and updated in place. */
  store: ParameterStore;
  /** Of the dropout masks; with the step's number it decides every bit of them. */
  seed: number;
  optimizer?: AdamWOptions;
  /** Compiled shapes kept at a time; the least recently used is released. By default 4. */
  sessions?: number;
  /** The scalar to minimise. Traced once for each batch shape: no dataSync, no branch on values. */
  loss(parameters: Parameters, batch: OnDevice<B>, context: { dropout: Dropout }): Loss;
}

/** What one step reports. */
export interface StepResult {
  loss: number;
  parts: Record<string, number>;
  /** L2 norm over every gradient, before clipping. */
  gradientNorm: number;
}

/** A loss compiled with its gradients and the optimizer. */
export interface TrainingStep<B extends Batch> {
  /**
   * One update.
   *
   * @param at `step` counts updates from 1 (it corrects Adam's bias and names the dropout masks).
   * @throws {PropriaError} `NOT_FINITE`, naming the step, when the loss or the gradient is not; the weights are then untouched.
   */
  run(batch: B, at: { step: number; learningRate: number }): Promise<StepResult>;
  /** The loss and its gradients by name, without an update. */
  gradients(batch: B, at: { step: number }): Promise<StepResult & { gradients: Record<string, Float32Array> }>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}

/** Compiles nothing yet: each batch shape is compiled when it first comes. */
export function trainingStep<B extends Batch>(_options: TrainingStepOptions<B>): TrainingStep<B> {
  throw new Error("not built yet");
}
