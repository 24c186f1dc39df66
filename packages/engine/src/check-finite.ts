import { PropriaError } from "@propria/base";
import type { StepResult } from "./training-step.ts";

/**
 * Lets a step go on only when its loss and its gradient's norm are finite numbers.
 *
 * @throws {PropriaError} `NOT_FINITE`, naming the step and the parts of the loss that are not.
 */
export function checkFinite({ loss, parts, gradientNorm }: StepResult, step: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const odd = Object.entries(parts).filter(([, value]) => !Number.isFinite(value));
  const which = odd.map(([name, value]) => `, its part ${name} ${value}`).join("");
  throw new PropriaError("NOT_FINITE", `the loss is ${loss}${which}, and the gradient's norm ${gradientNorm}`, {
    at: `step ${step}`,
    mend: "lower the learning rate, lengthen the warm-up, or look for empty examples in the batch",
  });
}
