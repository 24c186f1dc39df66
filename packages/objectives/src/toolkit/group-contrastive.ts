import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const EXCLUDED = -1e9; // of an anchor's own score; its exponential is exactly 0

/**
 * Group-wise contrastive loss: each anchor should score the members of its own group above all other groups' anchors and members.
 *
 * For anchor `zᵢ` with members `S(i)`, `K` of them:
 * −1/K · Σ over p in S(i) of log [ e^(zᵢ·p/τ) / Σ e^(zᵢ·x/τ) ], where `x` runs over all `N·K` members and the `N − 1` other anchors.
 * As its own members stand in the denominator it is never below ln K, and ln(N(K + 1) − 1) when all scores are equal.
 *
 * @param anchors     `[N, H]`.
 * @param members     `[N, K, H]`: those of each anchor.
 * @param temperature Divides the scores.
 * @returns           Of each anchor, `[N]`, in nats.
 * @see Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020, Eq. 2. https://arxiv.org/abs/2004.11362
 */
export function groupContrastive(anchors: Tensor2D, members: Tensor3D, temperature: number): Tensor1D {
  const [groups, size, width] = members.shape;
  const scores = (x: Tensor2D) => tf.div(tf.matMul(anchors, x, false, true), temperature) as Tensor2D;
  const toMembers = scores(tf.reshape(members, [groups * size, width])); // [N, N·K]
  const toAll = groups === 1 ? toMembers : tf.concat([withoutOwn(scores(anchors)), toMembers], 1);
  const total = tf.logSumExp(toAll, 1); // [N]

  const mean = tf.mean(members, 1); // [N, H]: the mean of an anchor's scores is its score of the mean
  return tf.sub(total, tf.div(tf.sum(tf.mul(anchors, mean), 1), temperature)) as Tensor1D;
}

/** Scores among `N` anchors, `[N, N]`, each one's own far below any other. */
function withoutOwn(scores: Tensor2D): Tensor2D {
  const [groups] = scores.shape;
  const own = tf.oneHot(tf.range(0, groups, 1, "int32") as Tensor1D, groups);
  return tf.add(scores, tf.mul(tf.cast(own, "float32"), EXCLUDED));
}
