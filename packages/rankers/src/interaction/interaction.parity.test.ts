import { readFileSync } from "node:fs";
import { type Backend, openBackend, ParameterStore, scope, trainingStep } from "@propria/engine";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type InteractionOptions, parseInteraction } from "./config.ts";
import { hinge } from "./hinge.ts";
import { histograms, unitVectors } from "./histogram.ts";
import type { Tensors } from "./matcher.ts";
import { matcherOf } from "./open-matcher.ts";
import { vocabularyOf } from "./vocabulary.ts";

type Arrays = Record<string, { shape: number[]; data: number[] }>;
interface Trace {
  parameters: Arrays;
  scores: number[];
  loss: number;
  gradients: Arrays;
  losses: number[];
  trained: Arrays;
}
interface Oracle {
  steps: { learningRate: number; epsilon: number; margin: number };
  query: number[][];
  document: number[][];
  idf: number[];
  table: { shape: number[]; data: number[] };
  bins: number;
  hidden: number;
  ngrams: number;
  filters: number;
  histograms: number[][][];
  models: Record<string, Trace>;
}
const oracle = JSON.parse(
  readFileSync(new URL("../../test/oracle/interaction.json", import.meta.url), "utf8"),
) as Oracle;

const table = { shape: oracle.table.shape, data: Float32Array.from(oracle.table.data) };
const count = table.shape[0]! - 1;
const vocabulary = {
  ...vocabularyOf({
    words: Array.from({ length: count }, (_, i) => `w${i}`),
    ...{ vectors: count, documentFrequencies: new Array<number>(count).fill(1), documentCount: 1 },
  }),
  idf: (id: number) => oracle.idf[id]!,
};
const shape = { queryWords: 4, documentWords: 7, dimensions: table.shape[1]! };
const { bins, hidden, ngrams, filters } = oracle;

const models: Record<string, InteractionOptions> = {
  knrm: { model: "knrm", ...shape },
  "conv-knrm": { model: "conv-knrm", ...shape, ngrams, filters },
  drmm: { model: "drmm", ...shape, bins, hidden },
  "drmm by vectors": { model: "drmm", ...shape, bins, hidden, gate: "vector" },
};

/** The largest difference, over the largest value. */
function error(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, largest] = [0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}

describe.each(["onnx", "cpu"] as const)("interaction models on %s", (name) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend(name, { threads: 1 });
  });

  it.each(Object.keys(models))(
    "%s has PyTorch's scores and gradients, and its weights after 20 steps",
    async (which) => {
      const expected = oracle.models[which]!;
      const matcher = matcherOf(parseInteraction(models[which], which), vocabulary, table);
      const rows = oracle.query.map((ids, i) =>
        matcher.row(
          { ids: matcher.embeds ? ids : ids.filter((id) => id > 0), unknown: new Map() },
          oracle.document[i]!,
        ),
      );
      const batch = matcher.collate(rows, { width: 7, count: rows.length });
      const store = ParameterStore.create(
        Object.fromEntries(
          Object.entries(expected.parameters).map(([path, { shape, data }]) => [
            path,
            { shape, data: Float32Array.from(data) },
          ]),
        ),
      );
      const { epsilon, learningRate, margin } = oracle.steps;
      const step = trainingStep({
        ...{ backend, store, seed: 0 },
        optimizer: { epsilon, weightDecay: 0, maxGradientNorm: Number.POSITIVE_INFINITY },
        loss: (weights, given) => {
          const scores = matcher.scores(scope(weights), given as Tensors);
          const parts = Object.fromEntries(
            oracle.query.map((_, i) => [i, tf.sum<tf.Scalar>(tf.slice(scores, [i], [1]))]),
          );
          return { loss: hinge(tf.reshape(scores, [-1, 2]) as Tensor2D, margin), parts };
        },
      });
      const { loss, parts, gradients } = await step.gradients(batch, { step: 1 });
      expect(loss).toBeCloseTo(expected.loss, 5);
      for (const [i, score] of expected.scores.entries()) expect(parts[i]).toBeCloseTo(score, 5);
      expect(Object.keys(gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
      for (const [path, { data }] of Object.entries(expected.gradients))
        expect(error(gradients[path]!, data), path).toBeLessThan(1e-3); // of the exact kernel: (1 - cos) / 0.001² is rounding
      for (const [i, value] of expected.losses.entries())
        expect((await step.run(batch, { step: i + 1, learningRate })).loss).toBeCloseTo(value, 3);
      for (const [path, { data }] of Object.entries(expected.trained))
        expect(error(store.weights(path), data), path).toBeLessThan(1e-2);
      await step.release();
    },
  );
});

describe("histograms", () => {
  it("are PyTorch's", () => {
    const vectors = unitVectors(table);
    for (const [i, ids] of oracle.query.entries()) {
      const settings = { bins, histogram: "lch", log: "log10", rescale: false } as const;
      const found = histograms(ids, oracle.document[i]!, vectors, settings);
      for (const [place, id] of ids.entries())
        if (id > 0)
          expect(error(found.subarray(place * bins, (place + 1) * bins), oracle.histograms[i]![place]!)).toBeLessThan(
            1e-6,
          );
    }
  });
});
