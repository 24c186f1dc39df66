/**
 * Kernel pooling: how many words of a document are about as like a query's word as each kernel says.
 *
 * Shapes: `B` pairs, `Q` and `D` words of query and document, `K` kernels, `H` numbers in a vector; `N` kinds of n-grams, of which
 * the words stand one kind after the other.
 *
 * @see Xiong et al., "End-to-End Neural Ad-hoc Ranking with Kernel Pooling", SIGIR 2017. https://arxiv.org/abs/1706.06613
 */
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { KnrmConfig } from "./config.ts";

/** What pooling is told. */
export type KernelSettings = Pick<KnrmConfig, "kernels" | "sigma" | "exactSigma" | "softTf" | "softTfScale">;

/** The means μ: 1 for exact matches, then the middles of equal bins from the top down: 0.9, 0.7, … −0.9 for 11. */
export function kernelMeans(kernels: number): number[] {
  const bin = 2 / (kernels - 1);
  return [1, ...Array.from({ length: kernels - 1 }, (_, i) => 1 - bin / 2 - i * bin)];
}

const SMALLEST_NORM_SQUARED = 1e-12; // a vector of zeros stays one, and its gradient finite
const LEAST_COUNT = 1e-10; // as in the papers' code: the logarithm of a kernel that nothing touches

/** Vectors of length 1 along the last axis. */
export function unit<T extends Tensor>(x: T): T {
  const squares = tf.sum(tf.square(x), -1, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squares, SMALLEST_NORM_SQUARED)));
}

/**
 * Soft-TF, `[B, N·N·K]`: for each kind of the query's n-grams and each of the document's, the kernels. Padding on either side counts for nothing.
 *
 * @param query        `[B, N·Q, H]`, unit vectors; `document` `[B, N·D, H]`.
 * @param queryMask    `[B, N·Q]`, 1 for a word and 0 for padding; `documentMask` `[B, N·D]`.
 * @param kinds        `N`.
 */
export function softTermFrequencies(
  { query, document }: { query: Tensor3D; document: Tensor3D },
  { queryMask, documentMask }: { queryMask: Tensor2D; documentMask: Tensor2D },
  settings: KernelSettings,
  kinds = 1,
): Tensor2D {
  const { kernels, sigma, exactSigma, softTf, softTfScale } = settings;
  const [batch, rows] = query.shape;
  const columns = document.shape[1];
  const similarities = tf.matMul(query, document, false, true); // [B, N·Q, N·D]
  const means = tf.tensor1d(kernelMeans(kernels)); // [K]
  const scales = tf.tensor1d(kernelMeans(kernels).map((_, k) => -0.5 / (k === 0 ? exactSigma : sigma) ** 2)); // [K]

  const distances = tf.sub(tf.expandDims(similarities, 3), means); // [B, N·Q, N·D, K]
  const touched = tf.exp(tf.mul(tf.square(distances), scales));
  const seen = tf.mul(touched, tf.reshape(documentMask, [batch, 1, columns, 1]));
  const counts = tf.sum(tf.reshape(seen, [batch, rows, kinds, columns / kinds, kernels]), 3); // [B, N·Q, N, K]
  const logs = softTf === "log1p" ? tf.log1p(counts) : tf.log(tf.maximum(counts, LEAST_COUNT));
  const ofWords = tf.mul(logs, tf.reshape(queryMask, [batch, rows, 1, 1]));
  const pooled = tf.sum(tf.reshape(ofWords, [batch, kinds, rows / kinds, kinds * kernels]), 2); // [B, N, N·K]
  return tf.mul(tf.reshape(pooled, [batch, kinds * kinds * kernels]), softTfScale);
}
