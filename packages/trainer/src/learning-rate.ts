import { linearSchedule } from "@propria/engine";
import { type Cursor, fractionTrained } from "./batch-plan.ts";
import type { TrainingLength } from "./options.ts";

/** What the rate is a function of. */
export interface RateOptions {
  length: TrainingLength;
  /** The peak. */
  learningRate: number;
  warmupRatio: number;
}

/** A place in the training: updates done, and the cursor after the last of them. */
export interface Moment {
  step: number;
  cursor: Cursor;
}

/** Part done, in [0, 1]. */
export const fractionDone = ({ step, cursor }: Moment, { steps, epochs }: TrainingLength): number =>
  steps === undefined ? fractionTrained(cursor, epochs) : step / steps;

/**
 * The learning rate of the update between two moments: linear warm-up, then linear decay to 0.
 *
 * Counted in steps; when training by epochs, whose steps nobody knows before the examples are drawn, in items trained on: the rate
 * is then that of the middle between the two moments.
 */
export function learningRateBetween(before: Moment, after: Moment, options: RateOptions): number {
  const { length, learningRate: peak, warmupRatio } = options;
  if (length.steps !== undefined) {
    const warmupSteps = Math.round(warmupRatio * length.steps);
    return linearSchedule(after.step, { peak, warmupSteps, totalSteps: length.steps });
  }
  const items = length.epochs * after.cursor.itemCount;
  const middle = (fractionDone(before, length) + fractionDone(after, length)) / 2;
  return linearSchedule(middle * items, { peak, warmupSteps: warmupRatio * items, totalSteps: items });
}
