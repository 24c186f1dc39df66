import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** A value and how its gradient goes back. */
export interface Differentiable {
  value: Tensor;
  /** Tensors that `gradient` reads; what it reads otherwise may be freed before it runs. */
  saved: Tensor[];
  /** The gradients of the inputs, in order, from the value's and the saved tensors. */
  gradient(dy: Tensor, saved: Tensor[]): Tensor[];
}

/** An op with a gradient of its own: `forward` composes the value of `inputs`, unrecorded. */
export function withGradient<T extends Tensor>(inputs: Tensor[], forward: () => Differentiable): T {
  const op = tf.customGrad((...given) => {
    const save = given[given.length - 1] as tf.GradSaveFunc;
    const { value, saved, gradient } = forward();
    save(saved);
    return { value, gradFunc: gradient };
  });
  return op(...inputs) as T;
}
