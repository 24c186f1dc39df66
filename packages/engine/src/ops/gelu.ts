import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { hasFused, runFused } from "./fused.ts";
import { withGradient } from "./with-gradient.ts";

/**
 * The Gaussian error linear unit in its exact form, x · Φ(x), of any shape.
 *
 * @see Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016. https://arxiv.org/abs/1606.08415
 */
export const gelu = <T extends Tensor>(x: T): T =>
  withGradient<T>([x], () => ({
    value: hasFused("FusedGelu") ? runFused("FusedGelu", { x })[0]! : plainGelu(x),
    saved: [x],
    gradient: (dy, [x]) => [tf.mul(dy, geluSlope(x!))],
  }));

/** {@link gelu} as a composition of tfjs ops, with their gradients. */
export const plainGelu = <T extends Tensor>(x: T): T =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/** d gelu / dx = Φ(x) + x φ(x). */
function geluSlope(x: Tensor): Tensor {
  const cumulative = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5); // Φ
  const density = tf.exp(tf.mul(tf.mul(x, x), -0.5)); // φ, times √2π
  return tf.add(cumulative, tf.mul(density, tf.mul(x, 1 / Math.sqrt(2 * Math.PI))));
}
