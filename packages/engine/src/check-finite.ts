import { PropriaError } from "@propria/base";

/**
 * Lets a step go on only when its loss and its gradient's norm are finite numbers.
 *
 * @throws {PropriaError} `NOT_FINITE`, naming the step.
 */
export function checkFinite({ loss, gradientNorm }: { loss: number; gradientNorm: number }, step: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  throw new PropriaError("NOT_FINITE", `the loss is ${loss} and the gradient's norm ${gradientNorm}`, {
    at: `step ${step}`,
    mend: "lower the learning rate, lengthen the warm-up, or look for empty examples in the batch",
  });
}
