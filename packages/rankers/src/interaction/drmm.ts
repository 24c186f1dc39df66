/**
 * DRMM: histograms of how a document's words match each word of the query, a small network over each, and a gate between them.
 *
 * Shapes: `B` pairs, `Q` query words, `N` bins, `G` numbers that the gate looks at (1 for idf, the dimensions for vectors).
 *
 * @see Guo et al., "A Deep Relevance Matching Model for Ad-hoc Retrieval", CIKM 2016. https://arxiv.org/abs/1711.08611
 */
import { linear, type Scope } from "@propria/engine";
import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { DrmmConfig } from "./config.ts";
import { histograms, unitVectors } from "./histogram.ts";
import { type Matcher, uniform } from "./matcher.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** One pair: a histogram for each word of the query, and what the gate looks at. */
export interface DrmmRow {
  /** `[words, bins]`. */
  histograms: Float32Array;
  /** `[words, G]`. */
  gates: Float32Array;
  words: number;
}

/** Added to the gate of padding: e to its power is 0. */
const HIDDEN = -1e9;

/** @param table The word vectors `[words + 1, dimensions]`, which do not learn. */
export function drmm(
  config: DrmmConfig,
  vocabulary: Vocabulary,
  table: { shape: readonly number[]; data: Float32Array },
): Matcher<DrmmRow> {
  const { bins, hidden, queryWords, gate } = config;
  const vectors = unitVectors(table);
  const width = gate === "idf" ? 1 : vectors.dimensions;
  return {
    maxLength: 1,
    embeds: false,
    row: ({ ids }, documentIds) => ({
      histograms: histograms(ids, documentIds, vectors, config),
      gates: gatesOf(ids),
      words: ids.length,
    }),
    length: () => 1,
    collate(rows, { count }) {
      const [counts, gates] = [
        new Float32Array(count * queryWords * bins),
        new Float32Array(count * queryWords * width),
      ];
      const mask = new Float32Array(count * queryWords);
      for (const [i, row] of rows.entries()) {
        counts.set(row.histograms, i * queryWords * bins);
        gates.set(row.gates, i * queryWords * width);
        mask.fill(1, i * queryWords, i * queryWords + row.words);
      }
      return {
        histograms: { data: counts, shape: [count, queryWords, bins] },
        gates: { data: gates, shape: [count, queryWords, width] },
        queryMask: { data: mask, shape: [count, queryWords] },
      };
    },
    /** As the authors' code draws them. */
    start: (random) =>
      uniform(
        {
          "hidden.weight": { shape: [hidden, bins], reach: 0.1 },
          "hidden.bias": { shape: [hidden], reach: 1 },
          "match.weight": { shape: [1, hidden], reach: 0.1 },
          "match.bias": { shape: [1], reach: 1 },
          "gate.weight": { shape: [1, width], reach: 0.01 },
        },
        random,
      ),
    scores: (root, { histograms, gates, queryMask }) =>
      drmmScores(root, histograms as Tensor3D, gates as Tensor3D, queryMask as Tensor2D),
  };

  function gatesOf(ids: readonly number[]): Float32Array {
    if (gate === "idf") return Float32Array.from(ids, (id) => vocabulary.idf(id));
    const found = new Float32Array(ids.length * width);
    for (const [i, id] of ids.entries())
      if (id < vectors.count) found.set(table.data.subarray(id * width, (id + 1) * width), i * width);
    return found;
  }
}

/**
 * Σ over the query's words of g · z, `[B]`: z = tanh(W₂ tanh(W₁ h + b₁) + b₂), g the softmax of w·idf (or w·vector) over the words.
 *
 * @param histograms `[B, Q, N]`.
 * @param gates      `[B, Q, G]`.
 * @param queryMask  `[B, Q]`, 1 for a word and 0 for padding.
 */
export function drmmScores(root: Scope, histograms: Tensor3D, gates: Tensor3D, queryMask: Tensor2D): Tensor1D {
  const hidden = tf.tanh(linear(root.at("hidden"), histograms)); // [B, Q, 5]
  const z = tf.tanh(tf.squeeze(linear(root.at("match"), hidden), [2])); // [B, Q]
  const g = termGates(root, gates, queryMask); // [B, Q]
  return tf.sum(tf.mul(g, z), 1);
}

/** What each word of the query counts for, `[B, Q]`: a softmax of w·idf (or w·vector) over its words, 0 for padding. */
export function termGates(root: Scope, gates: Tensor3D, queryMask: Tensor2D): Tensor2D {
  const logits = tf.sum(tf.mul(gates, root.get("gate.weight")), 2); // [B, Q]
  return tf.mul(tf.softmax(tf.add(logits, tf.mul(tf.sub(1, queryMask), HIDDEN))), queryMask);
}
