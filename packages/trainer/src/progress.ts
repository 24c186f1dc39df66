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
  /** Real tokens per second since this process began. */
  tokensPerSecond: number;
  elapsedSeconds: number;
  /** Estimated from this process's pace. */
  secondsLeft: number;
}
