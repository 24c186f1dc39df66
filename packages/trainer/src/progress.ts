import type { TrainingState } from "./checkpoint.ts";
import type { TrainingEvent } from "./event-log.ts";
import { fractionDone } from "./learning-rate.ts";
import type { TrainingLength } from "./options.ts";

/** How far a training is, after each step. */
export interface TrainingProgress {
  /** Updates done, 1 after the first. */
  step: number;
  /** Updates in all; when training by epochs, an estimate until the last. */
  totalSteps: number;
  /** Part done, in [0, 1]. */
  fraction: number;
  loss: number;
  parts: Record<string, number>;
  learningRate: number;
  /** Real tokens per second since this process began to train. */
  tokensPerSecond: number;
  /** Of training, that before a resume too. */
  elapsedSeconds: number;
  /** Estimated from this process's pace. */
  secondsLeft: number;
}

/** Where this process began: what its pace is measured from. */
export interface Pace {
  start: TrainingState;
  startFraction: number;
}

/** Progress after `event`. */
export function progressOf(
  state: TrainingState,
  { loss, parts, learningRate }: TrainingEvent | Omit<TrainingEvent, "elapsed">,
  { start, startFraction }: Pace,
  length: TrainingLength,
): TrainingProgress {
  const { step, elapsedSeconds } = state;
  const fraction = fractionDone(state, length);
  const seconds = elapsedSeconds - start.elapsedSeconds;
  return {
    step,
    totalSteps: length.steps ?? Math.max(step, Math.round(step / fraction)),
    fraction,
    loss,
    parts,
    learningRate,
    tokensPerSecond: seconds > 0 ? (state.tokens - start.tokens) / seconds : 0,
    elapsedSeconds,
    secondsLeft: (seconds * (1 - fraction)) / (fraction - startFraction),
  };
}
