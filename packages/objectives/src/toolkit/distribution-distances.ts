/**
 * Distances between all pairs of a batch's word distributions, without an array of pairs times words.
 *
 * Shapes in this file: `R` distributions over `V` words, natural logarithms.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const LEAST = 1e-30; // stands in for a probability of 0 under a logarithm; t ln t is then 0

/**
 * The mean of the two Kullback-Leibler divergences of each pair, ½ Σ (p − q)(ln p − ln q), in nats, `[R, V]` -> `[R, R]`.
 *
 * Σ p ln q of all pairs is one matrix product. The logarithms are taken relative to their mean over the distributions, which changes
 * no difference and keeps the digits where the distributions are alike.
 *
 * @param logProbabilities Each row's probabilities sum to 1.
 */
export function symmetricKullbackLeibler(logProbabilities: Tensor2D): Tensor2D {
  const rows = logProbabilities.shape[0];
  const p = tf.exp(logProbabilities); // [R, V]
  const relative = tf.sub(logProbabilities, tf.mean(logProbabilities, 0, true)); // [R, V]
  const cross = tf.matMul(p, relative, false, true) as Tensor2D; // Σ pᵢ ln pⱼ [R, R]
  const own = tf.sum(tf.mul(p, relative), 1); // [R]
  const sums = tf.add(tf.reshape(own, [rows, 1]), tf.reshape(own, [1, rows])); // [R, R]
  return tf.mul(tf.sub(sums, tf.add(cross, tf.transpose(cross))), 0.5);
}

/**
 * The Jensen-Shannon divergence of each pair, ½ KL(p‖m) + ½ KL(q‖m) with m = (p + q)/2, in nats: 0 … ln 2, `[R, V]` -> `[R, R]`.
 *
 * Σ m ln m does not come apart into products, so it is summed for one distribution with all others at a time, and its gradient
 * computes the same logarithms once more: memory is that of a few `[R, V]`, time that of `R²·V` logarithms, three times.
 *
 * Everything is relative to the batch's mean distribution r (u = p / r): Σ r·w ln w with w = (uᵢ + uⱼ)/2 is small where the
 * distributions are alike, and keeps its digits there.
 *
 * @param logProbabilities Each row's probabilities sum to 1.
 * @see Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on Information Theory 37(1), 1991.
 */
export function jensenShannon(logProbabilities: Tensor2D): Tensor2D {
  const distances = tf.customGrad((given, save) => {
    const logP = given as Tensor2D;
    const p = tf.exp(logP); // [R, V]
    const mean = tf.maximum(tf.mean(p, 0, true), LEAST) as Tensor2D; // r [1, V]
    const ratios = tf.div(p, mean) as Tensor2D; // u [R, V]
    const logRatios = tf.sub(logP, tf.log(mean)) as Tensor2D; // ln u [R, V]
    (save as tf.GradSaveFunc)([p, ratios, logRatios]);
    return { value: pairwise(p, mean, ratios, logRatios), gradFunc };
  });
  return distances(logProbabilities) as Tensor2D;
}

/** ½ (Σ pᵢ ln uᵢ + Σ pⱼ ln uⱼ) − Σ r·w ln w, `[R, R]`, 0 on the diagonal. */
function pairwise(p: Tensor2D, mean: Tensor2D, ratios: Tensor2D, logRatios: Tensor2D): Tensor2D {
  const [rows, words] = p.shape;
  const own = tf.sum(tf.mul(p, logRatios), 1); // [R]
  const halves = tf.mul(ratios, 0.5); // u/2 [R, V]
  const above: Tensor[] = []; // the distances of a row to those after it, zeros before
  for (let i = 0; i + 1 < rows; i++) {
    const later = rows - i - 1;
    const w = tf.add(tf.slice(halves, [i, 0], [1, words]), tf.slice(halves, [i + 1, 0], [later, words]));
    const sums = tf.matMul(tf.mul(w, tf.log(tf.maximum(w, LEAST))) as Tensor2D, mean, false, true); // Σ r·w ln w [later, 1]
    const ownSums = tf.add(tf.slice(own, [i], [1]), tf.slice(own, [i + 1], [later])); // [later]
    const distances = tf.sub(tf.mul(ownSums, 0.5), tf.reshape(sums, [later]));
    above.push(tf.pad(distances, [[i + 1, 0]]));
  }
  above.push(tf.zeros([rows]));
  const upper = tf.stack(above) as Tensor2D; // [R, R]
  return tf.add(upper, tf.transpose(upper));
}

/** ∂JS(p, q)/∂ ln p = ½ p (ln p − ln m), summed over the pairs that a row is in. */
function gradFunc(dy: Tensor, saved: Tensor[]): Tensor {
  const [p, ratios, logRatios] = saved as [Tensor2D, Tensor2D, Tensor2D];
  const [rows, words] = p.shape;
  const both = tf.add(dy, tf.transpose(dy)); // a pair's distance stands at [i, j] and at [j, i]
  const sums: Tensor[] = [];
  for (let i = 0; i < rows; i++) {
    const w = tf.mul(tf.add(ratios, tf.slice(ratios, [i, 0], [1, words])), 0.5); // [R, V]
    const weights = tf.slice(both, [i, 0], [1, rows]) as Tensor2D; // [1, R]
    sums.push(tf.matMul(weights, tf.log(tf.maximum(w, LEAST)) as Tensor2D)); // Σⱼ gᵢⱼ ln wᵢⱼ [1, V]
  }
  const total = tf.sum(both, 1, true); // [R, 1]
  return tf.mul(tf.mul(tf.sub(tf.mul(logRatios, total), tf.concat(sums, 0)), p), 0.5);
}
