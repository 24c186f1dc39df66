/**
 * What fine-tuning a cross-encoder minimises. Shapes: `G` groups of one query each, `K = 1 + n` documents in each, the
 * positive first and then the negatives; scores are `[G·K]`, group after group.
 */
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Which loss, by name. */
export type RankingLoss = (typeof rankingLosses)[number];

/** The names of the losses, the default first. */
export const rankingLosses = ["groupSoftmax", "rankNet", "softmaxMargin", "rawHinge", "pointwise", "listwise"] as const;

/**
 * The loss of a batch of groups, a mean in nats (the hinges: in units of score).
 *
 * @param scores    `[G·K]`.
 * @param groupSize `K`, documents in a group, at least 2.
 * @param labels    `[G·K]`, how relevant each document is, in [0, 1], the first of a group above all others of it; default 1 for the first
 *   and 0 for the others. `"pointwise"` and `"listwise"` learn them; the others learn that the first is above the rest.
 */
export function rankingLoss(name: RankingLoss, scores: Tensor1D, groupSize: number, labels?: Tensor1D): Scalar {
  const grouped = tf.reshape(scores, [-1, groupSize]) as Tensor2D; // [G, K]
  const targets = labels && (tf.reshape(labels, [-1, groupSize]) as Tensor2D); // [G, K]
  switch (name) {
    case "groupSoftmax":
      return groupSoftmax(grouped);
    case "rankNet":
      return rankNet(grouped);
    case "softmaxMargin":
      return softmaxMargin(grouped);
    case "rawHinge":
      return rawHinge(grouped);
    case "pointwise":
      return pointwise(grouped, targets);
    case "listwise":
      return listwise(grouped, targets);
  }
}

/**
 * Cross-entropy of the positive under a softmax over its group: ln K at equal scores. With K = 2 it is RankNet's
 * ln(1 + e^(s⁻ − s⁺)), the loss of PROP's fine-tuning; with more, LCE.
 *
 * @param scores `[G, K]`, the positive in column 0.
 * @see Gao et al., "Rethink Training of BERT Rerankers in Multi-Stage Retrieval Pipeline", ECIR 2021. https://arxiv.org/abs/2101.08751
 * @see Burges et al., "Learning to Rank using Gradient Descent", ICML 2005.
 */
export function groupSoftmax(scores: Tensor2D): Scalar {
  const [groups] = scores.shape;
  return tf.neg(tf.mean<Scalar>(tf.slice(tf.logSoftmax(scores), [0, 0], [groups, 1])));
}

/**
 * RankNet: ln(1 + e^(s⁻ − s⁺)), mean over the K − 1 pairs of each group; ln 2 at equal scores. With K = 2 it is {@link groupSoftmax}.
 *
 * @see Burges et al., "Learning to Rank using Gradient Descent", ICML 2005.
 */
export function rankNet(scores: Tensor2D): Scalar {
  return tf.mean(softplus(tf.neg(differences(scores))));
}

/**
 * The hinge of PROP's code, which takes the two scores of a pair through a softmax first: 1 − p⁺ + p⁻ = 2σ(s⁻ − s⁺), in (0, 2),
 * 1 at equal scores. It never clips, so a pair ranked well still pulls a little. Mean over the K − 1 pairs of each group.
 */
export function softmaxMargin(scores: Tensor2D): Scalar {
  return tf.mean(tf.mul(tf.sigmoid(tf.neg(differences(scores))), 2));
}

/** max(0, 1 − (s⁺ − s⁻)), mean over the K − 1 pairs of each group; 1 at equal scores. */
export function rawHinge(scores: Tensor2D): Scalar {
  return tf.mean(tf.relu(tf.sub(1, differences(scores))));
}

/**
 * Binary cross-entropy of each document alone, its label the target: ln(1 + eˢ) − y · s. The first of a group weighs as much as the K − 1
 * others together, so that score 0 is where relevant and not are even.
 *
 * @param labels `[G, K]`, in [0, 1]; default 1 for the first, 0 for the others.
 */
export function pointwise(scores: Tensor2D, labels: Tensor2D = firstOnly(scores)): Scalar {
  const [groups, size] = scores.shape;
  const losses = tf.sub<Tensor2D>(softplus(scores), tf.mul(labels, scores)); // [G, K]
  const first = tf.mean(tf.slice(losses, [0, 0], [groups, 1]));
  const others = tf.mean(tf.slice(losses, [0, 1], [groups, size - 1]));
  return tf.div(tf.add(first, others), 2);
}

/**
 * Cross-entropy of the labels, as shares of their sum, under a softmax over the group: `groupSoftmax` where only the first has one, and ln K
 * at equal scores whatever they are. ListNet takes a softmax of the grades for the shares; these leave nothing to what is not relevant.
 *
 * @param labels `[G, K]`, 0 or more, one of each group above 0; default 1 for the first, 0 for the others.
 * @see Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", ICML 2007.
 */
export function listwise(scores: Tensor2D, labels: Tensor2D = firstOnly(scores)): Scalar {
  const shares = tf.div(labels, tf.sum(labels, 1, true)); // [G, K]
  return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(shares, tf.logSoftmax(scores)), 1)));
}

/** 1 for the first of each group, 0 for the others. */
function firstOnly({ shape: [groups, size] }: Tensor2D): Tensor2D {
  return tf.concat2d([tf.ones([groups, 1]), tf.zeros([groups, size - 1])], 1);
}

/** s⁺ − s⁻ for each negative, `[G, K−1]`. */
function differences(scores: Tensor2D): Tensor2D {
  const [groups, size] = scores.shape;
  return tf.sub(tf.slice(scores, [0, 0], [groups, 1]), tf.slice(scores, [0, 1], [groups, size - 1]));
}

/** ln(1 + eˣ) as max(x, 0) + ln(1 + e^−|x|), which no x overflows. */
const softplus = (x: Tensor2D): Tensor2D => tf.add(tf.relu(x), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(x))))));
