import { type Batch, leaves, mapLeaves, type OnDevice, signature, specs } from "./arrays.ts";
import type { Backend, GradientProgram, Loss } from "./backend.ts";
import { dropoutMasks } from "./dropout-masks.ts";
import type { AdamWOptions } from "./optimizer/adam-w.ts";
import type { ParameterStore } from "./parameter-store.ts";
import type { Dropout, Parameters } from "./scope.ts";
import { sessionCache } from "./session-cache.ts";
import { updatesOf } from "./updates.ts";

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
export function trainingStep<B extends Batch>({
  backend,
  store,
  seed,
  optimizer: optimizerOptions,
  sessions = 4,
  loss,
}: TrainingStepOptions<B>): TrainingStep<B> {
  const programs = sessionCache<GradientProgram>(sessions);
  const masks = dropoutMasks(seed);

  async function computeGradients(
    batch: B,
    step: number,
  ): Promise<Omit<StepResult, "gradientNorm"> & { trained: readonly string[] }> {
    const program = await programs.get(signature(batch), () =>
      backend.compileGradients({
        inputs: specs(batch),
        store,
        loss: (parameters, inputs, dropout) =>
          loss(parameters, mapLeaves(batch, (path) => inputs.get(path)!) as OnDevice<B>, { dropout }),
      }),
    );
    const { loss: value, parts } = await program.run(leaves(batch), masks.at(step));
    return { loss: value, parts, trained: program.trained };
  }

  return { ...updatesOf(store, optimizerOptions, computeGradients), release: () => programs.clear() };
}
