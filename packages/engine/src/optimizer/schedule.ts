/** A learning rate that rises to a peak and falls to nothing. */
export interface LinearSchedule {
  /** The highest learning rate, reached at step `warmupSteps`. */
  peak: number;
  /** Steps of the rise; 0 starts at the peak. */
  warmupSteps: number;
  /** Steps of the whole training. */
  totalSteps: number;
}

/**
 * The learning rate of a step, counted from 1: linear warm-up, then linear decay, which would reach 0 one step after the last.
 *
 * Hugging Face's schedule is the same line one step earlier; its first update has a rate of 0 and changes nothing.
 *
 * @see Devlin et al., NAACL 2019, A.2. https://arxiv.org/abs/1810.04805
 */
export function linearSchedule(step: number, { peak, warmupSteps, totalSteps }: LinearSchedule): number {
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  return Math.max(0, (peak * (totalSteps + 1 - step)) / (totalSteps + 1 - Math.max(1, warmupSteps)));
}
