import type { Tensor } from "@tensorflow/tfjs-core";
import type { Batch } from "./arrays.ts";
import type { StagedLoss } from "./staged-loss.ts";
import type { StepResult, TrainingStepOptions } from "./training-step.ts";

/** What a cached step is made of. */
export interface CachedStepOptions<B extends Batch, V extends Record<string, Tensor>>
  extends Omit<TrainingStepOptions<B>, "loss"> {
  loss: StagedLoss<B, V>;
}

/** A staged loss compiled with its gradients and the optimizer, over batches in chunks. */
export interface CachedStep<B extends Batch> {
  run(chunks: readonly B[], at: { step: number; learningRate: number }): Promise<StepResult>;
  gradients(
    chunks: readonly B[],
    at: { step: number },
  ): Promise<StepResult & { gradients: Record<string, Float32Array> }>;
  release(): Promise<void>;
}

export function cachedStep<B extends Batch, V extends Record<string, Tensor>>(
  _: CachedStepOptions<B, V>,
): CachedStep<B> {
  throw new Error("not written yet");
}
