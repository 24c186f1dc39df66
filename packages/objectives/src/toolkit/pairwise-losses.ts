/** Losses of pairs: `preferred` `[B]` should score above `other` `[B]`. Each gives the mean over the pairs. */
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** A loss of pairs of scores. */
export type PairwiseLoss = (preferred: Tensor1D, other: Tensor1D) => Scalar;

/**
 * The margin loss of the two scores' softmax, as PROP's code has it: with p₁ + p₂ = 1 the hinge `1 − p₁ + p₂` never clips and is
 * `2σ(other − preferred)`, in (0, 2), 1 for equal scores.
 */
export const softmaxMargin: PairwiseLoss = (preferred, other) =>
  tf.mean(tf.mul(2, tf.sigmoid(tf.sub(other, preferred))));

/** `max(0, 1 − preferred + other)`, the loss as PROP's paper writes it. */
export const rawHinge: PairwiseLoss = (preferred, other) => tf.mean(tf.relu(tf.add(tf.sub(other, preferred), 1)));

/**
 * `ln(1 + e^(other − preferred))`: the cross-entropy of the softmax of the two, in nats.
 *
 * @see Burges et al., "Learning to Rank using Gradient Descent", ICML 2005.
 */
export const ranknet: PairwiseLoss = (preferred, other) => tf.mean(tf.softplus(tf.sub(other, preferred)));

/** The pairwise losses by name, for an option: `z.enum(pairwiseLossNames)`. */
export const pairwiseLosses = { softmaxMargin, rawHinge, ranknet } satisfies Record<string, PairwiseLoss>;

export const pairwiseLossNames = Object.keys(pairwiseLosses) as [keyof typeof pairwiseLosses];
