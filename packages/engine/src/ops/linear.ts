import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Scope } from "../scope.ts";

/**
 * `x Wᵀ + b` over the last axis, `[..., in]` -> `[..., out]`, with the scope's `weight` (PyTorch's `[out, in]`)
 * and `bias` `[out]`; what is attached at the site `linear` may change the result.
 */
export function linear(p: Scope, x: Tensor): Tensor {
  const weight = p.get("weight") as Tensor2D;
  const [out, width] = weight.shape;
  // Flattened first: the gradient of matMul does not sum over broadcast batch axes.
  const rows = tf.reshape(x, [-1, width]) as Tensor2D; // [N, in]
  const y = affine(rows, weight, p.get("bias") as Tensor1D); // [N, out]
  return tf.reshape(p.sites.linear?.(p.path, rows, y) ?? y, [...x.shape.slice(0, -1), out]);
}

/** `x Wᵀ + b`: `[N, in]`, `[out, in]`, `[out]` -> `[N, out]`. A plain composition already: tracing makes it one Gemm. */
export const affine = (x: Tensor2D, weight: Tensor2D, bias: Tensor1D): Tensor2D =>
  tf.add(tf.matMul(x, weight, false, true), bias);
