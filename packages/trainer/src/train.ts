import type { TrainOptions } from "./options.ts";

/** What came of a training. The trained weights are in the store. */
export interface TrainingResult {
  /** Updates in all, those before a resume too. */
  steps: number;
  /** The step of the checkpoint that this call went on from; 0 for a new training. */
  resumedFrom: number;
  /** Mean loss of the last `meanOver` steps. */
  meanLoss: number;
  meanOver: number;
  /** Real tokens trained on. */
  tokens: number;
  elapsedSeconds: number;
  tokensPerSecond: number;
}

/** Trains. */
export async function train(_options: TrainOptions): Promise<TrainingResult> {
  throw new Error("not here yet");
}
