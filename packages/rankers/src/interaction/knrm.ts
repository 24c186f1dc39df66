/**
 * K-NRM and Conv-KNRM: word vectors that learn, or n-grams made of them, compared pair by pair and pooled by kernels.
 *
 * Shapes as in `kernels.ts`. A word that is not known is padding: it matches nothing, not even another unknown one.
 *
 * @see Dai et al., "Convolutional Neural Networks for Soft-Matching N-Grams in Ad-hoc Search", WSDM 2018.
 */
import { gatherRows, linear, type Scope } from "@propria/engine";
import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ConvKnrmConfig, KnrmConfig } from "./config.ts";
import { softTermFrequencies, unit } from "./kernels.ts";
import { EMBEDDINGS, type Matcher, uniform } from "./matcher.ts";
import { nGrams } from "./n-grams.ts";
import { NO_WORD, type Vocabulary } from "./vocabulary.ts";

/** One pair: numbers of words, 0 for those without a vector. */
export interface WordRow {
  query: number[];
  document: number[];
}

/** K-NRM: words. */
export const knrm = (config: KnrmConfig, vocabulary: Vocabulary): Matcher<WordRow> =>
  kernelMatcher(config, vocabulary, {
    kinds: 1,
    weights: {},
    represent: (_, words, mask) => ({ vectors: words, mask }),
  });

/** Conv-KNRM: n-grams of each width against those of each other. */
export function convKnrm(config: ConvKnrmConfig, vocabulary: Vocabulary): Matcher<WordRow> {
  const { ngrams, filters, dimensions } = config;
  const widths = Array.from({ length: ngrams }, (_, i) => i + 1);
  return kernelMatcher(config, vocabulary, {
    kinds: ngrams,
    weights: Object.fromEntries(
      widths.flatMap((n) => {
        const reach = 1 / Math.sqrt(n * dimensions); // PyTorch's of a convolution
        return [
          [`convolution.${n}.weight`, { shape: [filters, n * dimensions], reach }],
          [`convolution.${n}.bias`, { shape: [filters], reach }],
        ];
      }),
    ),
    represent: (root, words, mask) => nGrams(root.at("convolution"), words, mask, ngrams),
  });
}

/** How words become what is compared. */
interface Representation {
  /** Kinds of n-grams. */
  kinds: number;
  weights: Record<string, { shape: number[]; reach: number }>;
  represent(root: Scope, words: Tensor3D, mask: Tensor2D): { vectors: Tensor3D; mask: Tensor2D };
}

function kernelMatcher(
  config: KnrmConfig | ConvKnrmConfig,
  vocabulary: Vocabulary,
  { kinds, weights, represent }: Representation,
): Matcher<WordRow> {
  const { queryWords, documentWords, kernels } = config;
  const known = (ids: readonly number[]) => ids.map((id) => (id <= vocabulary.vectors ? id : NO_WORD));
  const features = kinds * kinds * kernels;
  const reach = 1 / Math.sqrt(features); // PyTorch's of a linear map
  return {
    maxLength: documentWords,
    embeds: true,
    row: ({ ids }, documentIds) => ({ query: known(ids), document: known(documentIds.slice(0, documentWords)) }),
    length: ({ document }) => Math.max(1, document.length),
    collate(rows, { width, count }) {
      const query = { data: new Int32Array(count * queryWords), shape: [count, queryWords] };
      const document = { data: new Int32Array(count * width), shape: [count, width] };
      for (const [i, row] of rows.entries()) {
        query.data.set(row.query, i * queryWords);
        document.data.set(row.document, i * width);
      }
      return { query, document };
    },
    start: (random) =>
      uniform(
        { ...weights, "score.weight": { shape: [1, features], reach }, "score.bias": { shape: [1], reach } },
        random,
      ),
    scores(root, batch) {
      const side = (ids: Tensor2D) => {
        const mask = tf.cast(tf.greater(ids, NO_WORD), "float32"); // [B, T]
        const words = tf.mul(gatherRows(root.get(EMBEDDINGS), ids), tf.expandDims(mask, 2)); // [B, T, H]
        const { vectors, mask: there } = represent(root, words as Tensor3D, mask as Tensor2D);
        return { vectors: unit(vectors), mask: there };
      };
      const [query, document] = [side(batch.query as Tensor2D), side(batch.document as Tensor2D)];
      const pooled = softTermFrequencies(
        { query: query.vectors, document: document.vectors },
        { queryMask: query.mask, documentMask: document.mask },
        config,
        kinds,
      ); // [B, N·N·K]
      const score = tf.squeeze(linear(root.at("score"), pooled), [1]) as Tensor1D;
      return config.tanh ? tf.tanh(score) : score;
    },
  };
}
