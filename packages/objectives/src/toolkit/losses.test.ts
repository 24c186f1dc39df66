import { openBackend } from "@propria/engine";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { inBatchContrastive, l2Normalize, type PairwiseLoss, pairwiseLosses, pairwiseLossNames } from "./index.ts";

beforeAll(async () => {
  await openBackend("cpu"); // registers tfjs' gradients
  await import("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
});

const value = (x: Scalar) => x.dataSync()[0]!;
const scores = (...values: number[]) => tf.tensor1d(values);
const gradients = (loss: PairwiseLoss, preferred: number, other: number) =>
  tf
    .grads((a, b) => loss(a as Tensor1D, b as Tensor1D))([scores(preferred), scores(other)])
    .map((x) => x.dataSync()[0]!);

describe("pairwise losses", () => {
  it.each([
    ["softmaxMargin", 2, 1, 0.53788],
    ["softmaxMargin", 0.3, 0.3, 1],
    ["rawHinge", 2, 1, 0],
    ["rawHinge", 1, 1, 1],
    ["rawHinge", 0, 1.5, 2.5],
    ["ranknet", 2, 1, 0.313262],
    ["ranknet", 0, 0, Math.LN2],
    ["ranknet", -500, 500, 1000],
  ] as const)("%s of (%d, %d) is %d", (name, preferred, other, expected) => {
    expect(value(pairwiseLosses[name](scores(preferred), scores(other)))).toBeCloseTo(expected, 4);
  });

  it("softmaxMargin is the margin loss of the softmaxed scores", () => {
    const [a, b] = [0.7, -1.2];
    const p = Math.exp(a) / (Math.exp(a) + Math.exp(b));
    expect(value(pairwiseLosses.softmaxMargin(scores(a), scores(b)))).toBeCloseTo(Math.max(0, 1 - p + (1 - p)), 6);
  });

  it.each(pairwiseLossNames)("%s pulls the preferred score up and the other down, equally", (name) => {
    const [up, down] = gradients(pairwiseLosses[name], 0.2, 0.5) as [number, number];
    expect(up).toBeLessThan(0);
    expect(down).toBeCloseTo(-up, 6);
    const [swappedUp] = gradients(pairwiseLosses[name], 0.5, 0.2) as [number];
    expect(Math.sign(swappedUp)).toBe(-1);
  });

  it.each(pairwiseLossNames)("%s has the gradients that central differences give", (name) => {
    const loss = pairwiseLosses[name];
    const [h, points] = [1e-2, [0.3, -0.2] as const];
    const at = (preferred: number, other: number) => value(loss(scores(preferred), scores(other)));
    const [up, down] = gradients(loss, ...points) as [number, number];
    const [a, b] = points;
    expect(up).toBeCloseTo((at(a + h, b) - at(a - h, b)) / (2 * h), 3);
    expect(down).toBeCloseTo((at(a, b + h) - at(a, b - h)) / (2 * h), 3);
  });

  it.each(pairwiseLossNames)("%s is the mean over the pairs", (name) => {
    const loss = pairwiseLosses[name];
    const both = value(loss(scores(1, 0.5), scores(0, 2)));
    const apart = [value(loss(scores(1), scores(0))), value(loss(scores(0.5), scores(2)))] as const;
    expect(both).toBeCloseTo((apart[0] + apart[1]) / 2, 6);
  });
});

describe("inBatchContrastive", () => {
  it("is ln B when all scores are equal", () => {
    const same = tf.ones([4, 3]) as Tensor2D;
    expect(value(inBatchContrastive(same, same, 0.05))).toBeCloseTo(Math.log(4), 5);
  });

  it("is 0, and so is its gradient, for one pair alone", () => {
    const one = tf.tensor2d([[1, 2]]);
    const { value: loss, grad } = tf.valueAndGrad((x) => inBatchContrastive(x as Tensor2D, one, 0.05))(one);
    expect([value(loss as Scalar), ...grad.dataSync()]).toEqual([0, 0, 0]);
  });

  it("is the cross-entropy by hand", () => {
    const queries = tf.tensor2d([
      [1, 0],
      [0, 1],
    ]);
    const passages = tf.tensor2d([
      [1, 0],
      [1, 1],
    ]);
    // scores / 0.5: [[2, 2], [0, 2]]
    const expected = (Math.LN2 + Math.log(1 + Math.exp(-2))) / 2;
    expect(value(inBatchContrastive(queries, passages, 0.5))).toBeCloseTo(expected, 5);
  });
});

describe("l2Normalize", () => {
  it("gives rows of length 1, and 0 for 0 with a finite gradient", () => {
    const x = tf.tensor2d([
      [3, 4],
      [0, 0],
    ]);
    const y = [...l2Normalize(x).dataSync()];
    expect(y.map((each) => Number(each.toFixed(6)))).toEqual([0.6, 0.8, 0, 0]);
    const gradient = tf.grad((each) => tf.sum(l2Normalize(each as Tensor2D)))(x);
    for (const each of gradient.dataSync()) expect(Number.isFinite(each)).toBe(true);
  });
});
