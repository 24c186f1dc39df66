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
    gradient: (dy, [x]) => [geluGradient(dy, x!)],
  }));

/** {@link gelu} as a composition of tfjs ops, with their gradients. */
export const plainGelu = <T extends Tensor>(x: T): T =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/**
 * dy · (Φ(x) + x φ(x)), with u = x / √2 as ½ dy · (1 + erf u + u · 2/√π · exp(−u²)): the ½ becomes the `alpha` of the product that
 * dy usually is, and 2/√π stands in the exponent, so nine passes over memory do it.
 */
function geluGradient(dy: Tensor, x: Tensor): Tensor {
  const u = tf.mul(x, Math.SQRT1_2);
  const density = tf.mul(u, tf.exp(tf.sub(Math.log(2 / Math.sqrt(Math.PI)), tf.mul(u, u))));
  return tf.mul(tf.mul(dy, 0.5), tf.add(tf.add(tf.erf(u), density), 1));
}
