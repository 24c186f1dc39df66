import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * `x` with dropped elements set to 0 and the others scaled up, so that the expectation stays (inverted dropout).
 *
 * @param mask 0 or 1 / (1 − rate), in the shape of `x`; `undefined` drops nothing and adds nothing to the graph.
 * @see Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 2014.
 */
export const dropout = <T extends Tensor>(x: T, mask: Tensor | undefined): T => (mask ? tf.mul(x, mask) : x);
