/** Vectors of n-grams: a convolution over a text's words. */
import { linear, type Scope } from "@propria/engine";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The n-grams of each width that begin at each word, one width after the other: `[B, N·T, F]` and which of them are there, `[B, N·T]`. A convolution of width n is a
 * linear map of n words side by side; beyond the text's end stand zeros. An n-gram is there when one of its words is.
 *
 * @param p     Has `1`, `2`, … : `weight` `[F, n·H]` and `bias` `[F]`. One for query and document.
 * @param words `[B, T, H]`, zeros where `mask` `[B, T]` is 0.
 */
export function nGrams(
  p: Scope,
  words: Tensor3D,
  mask: Tensor2D,
  longest: number,
): { vectors: Tensor3D; mask: Tensor2D } {
  const [batch, length, width] = words.shape;
  const [vectors, masks]: [Tensor3D[], Tensor2D[]] = [[], []];
  const paddedWords = tf.pad(words, [
    [0, 0],
    [0, longest - 1],
    [0, 0],
  ]);
  const paddedMask = tf.pad(mask, [
    [0, 0],
    [0, longest - 1],
  ]);
  for (let n = 1; n <= longest; n++) {
    const places = Array.from({ length: n }, (_, i) => i);
    const side = places.map((i) => tf.slice(paddedWords, [0, i, 0], [batch, length, width]) as Tensor3D);
    vectors.push(tf.relu(linear(p.at(String(n)), tf.concat(side, 2))) as Tensor3D); // [B, T, F]
    masks.push(
      places
        .map((i) => tf.slice(paddedMask, [0, i], [batch, length]) as Tensor2D)
        .reduce((any, next) => tf.maximum(any, next)),
    );
  }
  return { vectors: tf.concat(vectors, 1), mask: tf.concat(masks, 1) };
}
