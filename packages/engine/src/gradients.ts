import { PropriaError } from "@propria/base";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Registers tfjs' gradients, once for the process. tfjs-core's build for Node leaves them out, and its module that has them is
 * loaded here only when a backend opens, so that importing the engine does nothing. The registry and tfjs' engine are global
 * values, so the copy of tfjs that our build carries along with this module serves whichever copy the program uses.
 */
export async function registerGradients(): Promise<void> {
  if (tf.getGradient("BatchMatMul")) return;
  await import("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  for (const kernelName of DECISIONS) registerZeroGradient(kernelName, ["a", "b"]);
  registerZeroGradient("LogicalNot", ["x"]);
  mendRunningSums();
}

/** tfjs' gradient of a running sum is transposed along any axis but the last: of another shape, or wrong where the shape is square. */
function mendRunningSums(): void {
  tf.unregisterGradient("Cumsum");
  tf.registerGradient({
    kernelName: "Cumsum",
    gradFunc: (dy, _, { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(dy as Tensor, Number(axis), Boolean(exclusive), !reverse),
    }),
  });
}

/** Kernels that decide and are constant almost everywhere. tfjs refuses a gradient through them, so a `where` on a computed condition fails. */
const DECISIONS = ["Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "LogicalAnd", "LogicalOr"];

function registerZeroGradient(kernelName: string, inputs: string[]): void {
  if (tf.getGradient(kernelName)) return;
  tf.registerGradient({
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_, saved) =>
      Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros((saved as Tensor[])[i]!.shape)])),
  });
}

/**
 * The value of `f` and its gradient by each of `xs`; `undefined` by those that the value does not depend on.
 *
 * @throws {PropriaError} `NO_GRADIENT` when there are none.
 */
export function valueAndGradients<T extends Tensor>(
  f: () => T,
  xs: readonly Tensor[],
): { value: T; gradients: (Tensor | undefined)[] } {
  if (xs.length === 0)
    throw new PropriaError("NO_GRADIENT", "no parameter is trainable", { mend: "check the store's option trainable" });
  const { value, grads } = tf.engine().gradients(f, [...xs], undefined, true);
  return { value, gradients: grads };
}

/** What is thrown when nothing can be learnt. */
export const noGradient = (): PropriaError =>
  new PropriaError("NO_GRADIENT", "the loss depends on no trainable parameter", {
    mend: "compute it from the parameters that the function is given",
  });
