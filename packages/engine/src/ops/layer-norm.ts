import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Scope } from "../scope.ts";
import { hasFused, runFused } from "./fused.ts";
import { withGradient } from "./with-gradient.ts";

/**
 * Layer normalisation over the last axis with the scope's `weight` and `bias`, `[..., H]` -> `[..., H]`; what is attached at the site `norm`
 * may change the result.
 *
 * @param epsilon Added to the variance.
 * @see Ba et al., "Layer Normalization", 2016. https://arxiv.org/abs/1607.06450
 */
export function layerNorm<T extends Tensor>(p: Scope, x: T, epsilon = 1e-12): T {
  const width = x.shape[x.rank - 1]!;
  const rows = tf.reshape(x, [-1, width]) as Tensor2D; // [N, H]: the gradients of weight and bias sum over one axis
  const y = normalizeRows(rows, p.get("weight") as Tensor1D, p.get("bias") as Tensor1D, epsilon);
  return tf.reshape(p.sites.norm?.(p.path, y) ?? y, x.shape) as T;
}

/** {@link layerNorm} as a composition of tfjs ops, with their gradients. */
export function plainLayerNorm<T extends Tensor>(p: Scope, x: T, epsilon = 1e-12): T {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), p.get("weight")), p.get("bias")) as T;
}

/** x: `[N, H]`, weight and bias: `[H]`. */
const normalizeRows = (x: Tensor2D, weight: Tensor1D, bias: Tensor1D, epsilon: number): Tensor2D =>
  withGradient([x, weight, bias], () => {
    const [value, mean, inverse] = forward(x, weight, bias, epsilon);
    return { value, saved: [x, weight, mean, inverse], gradient: backward };
  });

/** The rows normalised, their means `[N, 1]` and inverse standard deviations `[N, 1]`. */
function forward(x: Tensor2D, weight: Tensor1D, bias: Tensor1D, epsilon: number): [Tensor, Tensor, Tensor] {
  if (hasFused("FusedLayerNorm"))
    return runFused("FusedLayerNorm", { x, weight, bias }, { epsilon }) as [Tensor, Tensor, Tensor];
  const mean = tf.mean(x, -1, true);
  const centred = tf.sub(x, mean);
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return [tf.add(tf.mul(tf.mul(centred, inverse), weight), bias), mean, inverse];
}

/** With x̂ the normalised row and g = dy · weight: dx = (g − mean(g) − x̂ · mean(g x̂)) / σ. */
function backward(dy: Tensor, saved: Tensor[]): Tensor[] {
  const [x, weight, mean, inverse] = saved as [Tensor2D, Tensor1D, Tensor2D, Tensor2D];
  const width = x.shape[1];
  const normal = tf.mul(tf.sub(x, mean), inverse); // x̂ [N, H]
  const product = tf.mul(dy, normal); // [N, H]
  const averaging = tf.reshape(tf.mul(weight, 1 / width), [width, 1]) as Tensor2D;
  const meanOfG = tf.matMul(dy as Tensor2D, averaging); // [N, 1]
  const meanOfGNormal = tf.matMul(product as Tensor2D, averaging); // [N, 1]
  const dx = tf.mul(tf.sub(tf.sub(tf.mul(dy, weight), meanOfG), tf.mul(normal, meanOfGNormal)), inverse);
  return [dx, tf.sum(product, 0), tf.sum(dy, 0)];
}
