import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Kernels that only the tracing backend has; elsewhere an op composes itself from tfjs' own. */
export type FusedKernel = "FusedLayerNorm" | "FusedGelu" | "PickColumns";

/** True when the active backend has the fused kernel. */
export const hasFused = (kernel: FusedKernel): boolean => tf.getKernel(kernel, tf.getBackend()) !== undefined;

/** Runs a fused kernel of the active backend. */
export function runFused(
  kernel: FusedKernel,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number | boolean> = {},
): Tensor[] {
  const outputs: Tensor | Tensor[] = tf.engine().runKernel(kernel, inputs, attributes);
  return Array.isArray(outputs) ? outputs : [outputs];
}
