import { checkFinite } from "./check-finite.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { type AdamWOptions, adamW } from "./optimizer/adam-w.ts";
import type { ParameterStore } from "./parameter-store.ts";
import type { StepResult } from "./training-step.ts";

/** A loss whose gradients stand in the store, by the names in `trained`. */
type Computed = Omit<StepResult, "gradientNorm"> & { trained: readonly string[] };

/**
 * The two things that a step does once `compute` has left the gradients of its input in the store: update the weights, or give a copy.
 * One at a time, for they share the store.
 */
export function updatesOf<Input>(
  store: ParameterStore,
  options: AdamWOptions | undefined,
  compute: (input: Input, step: number) => Promise<Computed>,
) {
  const optimizer = adamW(store, options);
  const alone = oneAtATime();
  const computed = async (input: Input, step: number) => {
    const { trained, ...result } = await compute(input, step);
    return { trained, result: { ...result, gradientNorm: optimizer.gradientNorm(trained) } };
  };
  return {
    run: (input: Input, { step, learningRate }: { step: number; learningRate: number }): Promise<StepResult> =>
      alone(async () => {
        const { trained, result } = await computed(input, step);
        checkFinite(result, step);
        optimizer.update(trained, { step, learningRate, gradientNorm: result.gradientNorm });
        return result;
      }),
    gradients: (
      input: Input,
      { step }: { step: number },
    ): Promise<StepResult & { gradients: Record<string, Float32Array> }> =>
      alone(async () => {
        const { trained, result } = await computed(input, step);
        const gradients = Object.fromEntries(trained.map((name) => [name, store.gradient(name).slice()]));
        return { ...result, gradients };
      }),
  };
}
