import { seeded } from "@propria/base";
import {
  type BackendName,
  forwardPass,
  frozenWeights,
  openBackend,
  ParameterStore,
  trainingStep,
} from "@propria/engine";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { jensenShannon, siblingContrastive, symmetricKullbackLeibler } from "./index.ts";

const distances = { jensenShannon, symmetricKullbackLeibler };
type Name = keyof typeof distances;
const backends: readonly BackendName[] = ["cpu", "onnx"];

/** The same in plain loops over float64: what the tests compare with. */
const references: Record<Name, (p: readonly number[], q: readonly number[]) => number> = {
  jensenShannon: (p, q) => {
    const half = (x: readonly number[]) =>
      x.reduce(
        (sum, each, i) => sum + (each > 0 ? each * Math.log((2 * each) / (each + (x === p ? q : p)[i]!)) : 0),
        0,
      );
    return (half(p) + half(q)) / 2;
  },
  symmetricKullbackLeibler: (p, q) => p.reduce((sum, each, i) => sum + (each - q[i]!) * Math.log(each / q[i]!), 0) / 2,
};

const softmax = (logits: readonly number[]): number[] => {
  const exponentials = logits.map((each) => Math.exp(each - Math.max(...logits)));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  return exponentials.map((each) => each / total);
};

/** The contrastive loss of rows of logits, in float64. */
function referenceLoss(name: Name, rows: readonly (readonly number[])[], temperature: number): number {
  const p = rows.map(softmax);
  const perView = p.map((own, i) => {
    const scores = p.map((other) => Math.exp(-references[name](own, other) / temperature));
    const others = scores.reduce((sum, score, j) => (j === i ? sum : sum + score), 0);
    return -Math.log(scores[i ^ 1]! / others);
  });
  return perView.reduce((sum, each) => sum + each, 0) / rows.length;
}

/** The matrix of distances of rows of probabilities. */
async function matrix(name: Name, rows: readonly (readonly number[])[], backend: BackendName): Promise<number[][]> {
  const [size, words] = [rows.length, rows[0]!.length];
  const data = Float32Array.from(rows.flat(), (each) => Math.max(-80, Math.log(each)));
  const pass = forwardPass({
    backend: await openBackend(backend, { threads: 1 }),
    store: frozenWeights({}),
    run: (_, { logP }: { logP: tf.Tensor }) => ({ distances: distances[name](logP as Tensor2D) }),
  });
  const { distances: found } = await pass.run({ logP: { data, shape: [size, words] } });
  await pass.release();
  return Array.from({ length: size }, (_, i) => [...found!.data.subarray(i * size, (i + 1) * size)]);
}

/** Rows of logits of a given spread. */
function randomLogits(rows: number, words: number, spread: number): number[][] {
  const random = seeded(3, "logits", spread);
  return Array.from({ length: rows }, () => Array.from({ length: words }, () => spread * (random() - 0.5)));
}

describe.each(backends)("distances of distributions on %s", (backend) => {
  it("give JS((.5, .5, 0), (.5, 0, .5)) = .34657, of which the thesis' printed expression is 2 ln 2 − 2 JS = .69315", async () => {
    const [p, q] = [
      [0.5, 0.5, 0],
      [0.5, 0, 0.5],
    ];
    const js = (await matrix("jensenShannon", [p, q], backend))[0]![1]!;
    expect(js).toBeCloseTo(0.34657, 5);
    const xlogx = (x: number) => (x > 0 ? x * Math.log(x) : 0);
    const printed = p.reduce((sum, each, i) => sum - xlogx(each) - xlogx(q[i]!) + xlogx(each + q[i]!), 0);
    expect(printed).toBeCloseTo(Math.LN2, 5); // .69315
    expect(2 * Math.LN2 - 2 * js).toBeCloseTo(printed, 5);
  });

  it("are 0 of a distribution to itself, symmetric, and JS is at most ln 2, which disjoint ones reach", async () => {
    const p = randomLogits(3, 40, 6).map(softmax);
    for (const name of Object.keys(distances) as Name[]) {
      const found = await matrix(name, [...p, p[0]!], backend);
      for (let i = 0; i < 4; i++) {
        expect(Math.abs(found[i]![i]!)).toBeLessThan(1e-6);
        for (let j = 0; j < 4; j++) expect(found[i]![j]).toBeCloseTo(found[j]![i]!, 6);
      }
      expect(Math.abs(found[0]![3]!)).toBeLessThan(1e-6);
    }
    const disjoint = await matrix(
      "jensenShannon",
      [
        [0.7, 0.3, 0, 0],
        [0, 0, 0.9, 0.1],
        [0.5, 0, 0.5, 0],
      ],
      backend,
    );
    expect(disjoint[0]![1]).toBeCloseTo(Math.LN2, 5);
    for (const each of disjoint.flat()) expect(each).toBeLessThanOrEqual(Math.LN2 + 1e-6);
  });

  it.each(Object.keys(distances) as Name[])(
    "%s is the definition's, of distributions near to one another too",
    async (name) => {
      for (const spread of [0.1, 1, 10]) {
        const p = randomLogits(6, 50, spread).map(softmax);
        const found = await matrix(name, p, backend);
        for (let i = 0; i < 6; i++)
          for (let j = 0; j < 6; j++) {
            const expected = references[name](p[i]!, p[j]!);
            expect(Math.abs(found[i]![j]! - expected)).toBeLessThan(1e-6 + 1e-4 * expected);
          }
      }
    },
  );

  it.each(Object.keys(distances) as Name[])(
    "the contrastive loss over %s has the gradient that central differences give",
    async (name) => {
      const [rows, words, temperature, shift] = [6, 20, 0.2, 1e-4];
      const logits = randomLogits(rows, words, 5);
      const store = ParameterStore.create({ logits: { data: Float32Array.from(logits.flat()), shape: [rows, words] } });
      const step = trainingStep({
        backend: await openBackend(backend, { threads: 1 }),
        store,
        seed: 1,
        loss: ({ logits }) => {
          const found = distances[name](tf.logSoftmax(logits as Tensor2D));
          return { loss: siblingContrastive(tf.mul(found, -1 / temperature) as Tensor2D) as Scalar };
        },
      });
      const { loss, gradients } = await step.gradients({}, { step: 1 });
      await step.release();
      const exact = Array.from(store.weights("logits")); // as float32 holds them
      const at = (values: readonly number[]) =>
        referenceLoss(
          name,
          logits.map((_, i) => values.slice(i * words, (i + 1) * words)),
          temperature,
        );
      expect(loss).toBeCloseTo(at(exact), 4);
      const largest = Math.max(...gradients.logits!.map(Math.abs));
      exact.forEach((value, k) => {
        const moved = (by: number) => at(exact.with(k, value + by));
        const difference = (moved(shift) - moved(-shift)) / (2 * shift);
        expect(Math.abs(gradients.logits![k]! - difference), `logit ${k}`).toBeLessThan(1e-3 * largest);
      });
    },
  );
});

describe("siblingContrastive", () => {
  const lossOf = async (scores: readonly (readonly number[])[]) => {
    const views = scores.length;
    const pass = forwardPass({
      backend: await openBackend("onnx", { threads: 1 }),
      store: frozenWeights({}),
      run: (_, { s }: { s: tf.Tensor }) => ({ loss: siblingContrastive(s as Tensor2D) }),
    });
    const { loss } = await pass.run({ s: { data: Float32Array.from(scores.flat()), shape: [views, views] } });
    await pass.release();
    return loss!.data[0]!;
  };
  const equal = (views: number, value: number) =>
    Array.from({ length: views }, () => new Array<number>(views).fill(value));

  it("is ln(2N − 1) where all scores are equal", async () => {
    for (const texts of [1, 2, 5]) expect(await lossOf(equal(2 * texts, 3))).toBeCloseTo(Math.log(2 * texts - 1), 5);
  });

  it("never takes a view for its own sibling: the diagonal does not count", async () => {
    const scores = equal(6, 1).map((row, i) => row.with(i, 1000));
    expect(await lossOf(scores)).toBeCloseTo(Math.log(5), 5);
  });

  it("falls when siblings agree, and is 0 at last", async () => {
    const scores = equal(4, 0).map((row, i) => row.with(i ^ 1, 100));
    expect(await lossOf(scores)).toBeCloseTo(0, 6);
  });
});
