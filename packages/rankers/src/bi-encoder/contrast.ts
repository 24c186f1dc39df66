/**
 * What fine-tuning a bi-encoder minimises. Shapes: `B` queries, `n` passages for each, its positive first, then its negatives;
 * `M = B·n` passages in the batch, query after query; `H` hidden; `P` positives of a query, padded with −1.
 */
import type { Loss } from "@propria/engine";
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { places } from "./places.ts";

/** What a batch's texts become. */
export type Represented = {
  /** `[B, H]` */
  queries: Tensor2D;
  /** `[M, H]` */
  passages: Tensor2D;
  /** int32 `[B, n]`: the numbers of the passages' documents. */
  documents: Tensor2D;
  /** int32 `[B, P]`: the numbers of the documents judged relevant to each query. */
  relevant: Tensor2D;
  /** `[B, n]`: the teacher's scores; absent without one. */
  teacher?: Tensor2D;
  /** `[B, n]`: 1 where the teacher scored, 0 where it did not. */
  taught?: Tensor2D;
};

/** How a student learns from a teacher. */
export type Distillation = "marginMse" | "kl";

/** What is contrasted how. */
export interface ContrastOptions {
  /** Divides the scores; in (0, ∞). */
  temperature: number;
  /** Adds the other direction: each positive should score its own query above the other queries. */
  symmetric: boolean;
  /** `"mask"`: a document counts once for a query, and not where it is known to be relevant besides the query's own positive. */
  falseNegatives: "mask" | "keep";
  /** The distillation's share `weight` of the loss. */
  distill?: { loss: Distillation; weight: number } | undefined;
}

/**
 * The loss of a batch: softmax cross-entropy of each query's positive among all passages of the batch, its own negatives and
 * those of the other queries; ln M when all scores are equal. Part `falseNegatives`: for the mean query, passages of other
 * queries in the batch that are judged relevant to it.
 */
export function contrast(represented: Represented, options: ContrastOptions): Loss {
  const { queries, passages } = represented;
  const scores = tf.div(tf.matMul(queries, passages, false, true), options.temperature) as Tensor2D; // [B, M]
  const { positive, relevant, repeated } = places(represented);
  const known = tf.mul(relevant, tf.sub(1, positive)) as Tensor2D; // [B, M]
  const parts: Record<string, Scalar> = { falseNegatives: tf.mean(tf.sum(known, 1)) };
  const blocked = tf.mul(tf.maximum(relevant, repeated), tf.sub(1, positive)) as Tensor2D;
  const open = options.falseNegatives === "mask" ? without(scores, blocked) : scores;
  let loss = crossEntropy(open, positive);
  if (options.symmetric) {
    const [back, own] = [ofPositives(scores, represented), ofPositives(positive, represented)]; // [B, B], query by positive
    const elsewhere = tf.mul(ofPositives(relevant, represented), tf.sub(1, own)) as Tensor2D;
    const shown = options.falseNegatives === "mask" ? without(back, elsewhere) : back;
    loss = tf.div(tf.add(loss, crossEntropy(tf.transpose(shown) as Tensor2D, tf.transpose(own) as Tensor2D)), 2);
  }
  if (!options.distill) return { loss, parts };
  const { weight } = options.distill;
  const learnt = distillation(options.distill.loss, ownScores(scores, represented), represented);
  return {
    loss: tf.add(tf.mul(loss, 1 - weight), tf.mul(learnt, weight)) as Scalar,
    parts: { ...parts, contrast: loss, distillation: learnt },
  };
}

/** The scores, so low where `blocked` is 1 that a softmax gives 0. */
const without = (scores: Tensor2D, blocked: Tensor2D): Tensor2D => tf.sub(scores, tf.mul(blocked, FAR)) as Tensor2D;

const FAR = 1e9;

/** −log softmax at the one 1 of each row of `target`, mean over the rows. */
const crossEntropy = (scores: Tensor2D, target: Tensor2D): Scalar =>
  tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(tf.logSoftmax(scores), target), 1)));

/** The columns of the positives alone, `[B, M]` -> `[B, B]`. */
function ofPositives(x: Tensor2D, { documents }: Represented): Tensor2D {
  const [batch, size] = documents.shape;
  return tf.reshape(tf.slice(tf.reshape(x, [batch, batch, size]), [0, 0, 0], [batch, batch, 1]), [batch, batch]);
}

/** Each query's scores of its own passages, `[B, M]` -> `[B, n]`. */
function ownScores(scores: Tensor2D, { documents }: Represented): Tensor2D {
  const [batch, size] = documents.shape;
  const own = tf.reshape(tf.eye(batch), [batch, batch, 1]);
  return tf.sum(tf.mul(tf.reshape(scores, [batch, batch, size]), own) as Tensor3D, 1);
}

/**
 * What the student's scores of a query's own passages lack of the teacher's, `[B, n]`; a passage that the teacher did not score is
 * passed over, and 0 is left where no two of a query were scored.
 *
 * `marginMse`: the squared difference of the margins between the positive and each negative (Hofstätter et al., "Improving Efficient
 * Neural Ranking Models with Cross-Architecture Knowledge Distillation", 2020, https://arxiv.org/abs/2010.02666).
 * `kl`: Kullback-Leibler divergence of the softmax over the student's scores from that over the teacher's, in nats.
 */
function distillation(name: Distillation, student: Tensor2D, { teacher, taught }: Represented): Scalar {
  if (!teacher || !taught) throw new Error("distillation without a teacher's scores");
  const [batch, size] = student.shape;
  if (name === "marginMse") {
    const margins = (x: Tensor2D) => tf.sub(tf.slice(x, [0, 0], [batch, 1]), tf.slice(x, [0, 1], [batch, size - 1]));
    const both = tf.mul(tf.slice(taught, [0, 0], [batch, 1]), tf.slice(taught, [0, 1], [batch, size - 1]));
    return meanOf(tf.square(tf.sub(margins(student), margins(teacher))), both);
  }
  const unknown = tf.sub(1, taught) as Tensor2D;
  const goal = tf.logSoftmax(without(teacher, unknown)); // [B, n]
  const found = tf.logSoftmax(without(student, unknown));
  const each = tf.sum(tf.mul(tf.mul(tf.exp(goal), tf.sub(goal, found)), taught), 1); // [B]
  return meanOf(each, tf.cast(tf.greater(tf.sum(taught, 1), 1), "float32"));
}

/** The mean of `x` weighted by `weights`, 0 where those are. */
const meanOf = (x: tf.Tensor, weights: tf.Tensor): Scalar =>
  tf.div(tf.sum(tf.mul(x, weights)), tf.maximum(tf.sum(weights), 1)) as Scalar;
