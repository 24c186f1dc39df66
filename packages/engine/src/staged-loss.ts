import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Batch, OnDevice } from "./arrays.ts";
import type { Loss } from "./backend.ts";
import type { Dropout, Parameters } from "./scope.ts";

/** A mean over something in a batch, masked tokens or rows, that the chunks of the batch are averaged into exactly. */
export interface WeightedMean {
  /** The mean over what the batch, or the chunk, holds; 0 when that is nothing. */
  value: Scalar;
  /** How much it is the mean of: the sum of weights, of the batch alone. No gradient goes through it. */
  weight: Scalar;
  /** What it is multiplied by in the loss; by default 1. */
  scale?: number;
}

/**
 * A loss in two stages, so that a batch larger than the memory can be trained on: `represent` looks at each example alone, and
 * `contrast` compares the vectors of all examples. The whole is `contrast(…).loss + Σ scale · mean`.
 *
 * @see wholeLoss, cachedStep
 */
export interface StagedLoss<B extends Batch = Batch, V extends Record<string, Tensor> = Record<string, Tensor>> {
  /**
   * Vectors by name, of any rank, whose first axis goes along the examples (or several rows for each, next to one another): those of
   * a batch are those of its chunks one after the other. An int32 or a float32 of the batch itself may be among them, for `contrast`
   * to see. Nothing in it may depend on which examples share a chunk.
   */
  represent(
    parameters: Parameters,
    batch: OnDevice<B>,
    context: { dropout: Dropout },
  ): { vectors: V; means?: Record<string, WeightedMean> };
  /** The loss of all examples' vectors. It may use parameters too, and drops nothing out. */
  contrast(parameters: Parameters, vectors: V): Loss;
}

/** The loss in one graph: what {@link StagedLoss} means. Its parts are those of `contrast`, and each mean by name. */
export const wholeLoss =
  <B extends Batch, V extends Record<string, Tensor>>(staged: StagedLoss<B, V>) =>
  (parameters: Parameters, batch: OnDevice<B>, context: { dropout: Dropout }): Loss => {
    const { vectors, means = {} } = staged.represent(parameters, batch, context);
    const { loss, parts } = staged.contrast(parameters, vectors);
    const terms = Object.values(means).map(({ value, scale = 1 }) => tf.mul(value, scale) as Scalar);
    const values = Object.entries(means).map(([name, { value }]) => [name, value] as const);
    return {
      loss: terms.reduce((sum, term) => tf.add(sum, term), loss),
      parts: { ...parts, ...Object.fromEntries(values) },
    };
  };
