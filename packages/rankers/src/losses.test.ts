import { readFileSync } from "node:fs";
import { type Backend, openBackend, ParameterStore, trainingStep } from "@propria/engine";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type RankingLoss, rankingLoss, rankingLosses } from "./losses.ts";

interface Oracle {
  scores: number[];
  labels: number[];
  groupSize: number;
  losses: Record<RankingLoss | "pointwise graded" | "listwise graded", { loss: number; gradient: number[] }>;
}
const oracle = JSON.parse(readFileSync(new URL("../test/oracle/losses.json", import.meta.url), "utf8")) as Oracle;

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

/** The loss of scores, and its gradient by them. */
async function differentiate(
  name: RankingLoss,
  scores: readonly number[],
  groupSize: number,
  labels?: readonly number[],
) {
  const store = ParameterStore.create({ scores: { shape: [scores.length], data: Float32Array.from(scores) } });
  const step = trainingStep({
    ...{ backend, store, seed: 0 },
    loss: ({ scores }, batch) => ({
      loss: rankingLoss(name, scores as Tensor1D, groupSize, labels && (batch.labels as Tensor1D)),
    }),
  });
  const given = Float32Array.from(labels ?? [0]);
  const { loss, gradients } = await step.gradients({ labels: { data: given, shape: [given.length] } }, { step: 1 });
  await step.release();
  return { loss, gradient: [...gradients.scores!] };
}

describe("rankingLoss", () => {
  it.each(rankingLosses)("%s is PyTorch's, in value and gradient", async (name) => {
    const { loss, gradient } = await differentiate(name, oracle.scores, oracle.groupSize);
    const expected = oracle.losses[name];
    expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-6); // float32
    for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(expected.gradient[i]!, 6);
  });

  it.each(["pointwise", "listwise"] as const)(
    "%s of graded labels is PyTorch's, in value and gradient",
    async (name) => {
      const { loss, gradient } = await differentiate(name, oracle.scores, oracle.groupSize, oracle.labels);
      const expected = oracle.losses[`${name} graded`];
      expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-6);
      for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(expected.gradient[i]!, 6);
    },
  );

  it.each(rankingLosses)("%s takes no heed of labels that say first and others", async (name) => {
    const labels = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    const { loss } = await differentiate(name, oracle.scores, 4, labels);
    expect(loss).toBe((await differentiate(name, oracle.scores, 4)).loss);
  });

  it.each([
    [1, 0, 0],
    [1, 0.5, 0],
    [0.5, 0.25, 0.25],
  ])(
    "listwise of equal scores is the logarithm of the group size, whatever the labels (%d, %d, %d)",
    async (...labels) => {
      expect((await differentiate("listwise", [2, 2, 2], 3, labels)).loss).toBeCloseTo(Math.log(3), 6);
    },
  );

  it("pointwise is least where the probability is the label", async () => {
    const { gradient } = await differentiate("pointwise", [Math.log(3), 0], 2, [0.75, 0.5]);
    for (const value of gradient) expect(value).toBeCloseTo(0, 6);
  });

  it.each([2, 3, 8])("groupSoftmax of equal scores is the logarithm of the group size, %i", async (groupSize) => {
    const { loss } = await differentiate("groupSoftmax", new Array(2 * groupSize).fill(1.25), groupSize);
    expect(loss).toBeCloseTo(Math.log(groupSize), 6);
  });

  it.each([
    ["softmaxMargin", 1],
    ["rawHinge", 1],
    ["pointwise", Math.log(2)],
    ["rankNet", Math.log(2)],
  ] as const)("%s of equal scores 0 is %d", async (name, expected) => {
    expect((await differentiate(name, [0, 0, 0], 3)).loss).toBeCloseTo(expected, 6);
  });

  it("of a pair is RankNet's ln(1 + exp(other - positive))", async () => {
    for (const name of ["groupSoftmax", "rankNet"] as const)
      expect((await differentiate(name, [2, 0.5], 2)).loss).toBeCloseTo(Math.log1p(Math.exp(-1.5)), 6);
  });

  it("gives the worked example of both hinges: 0.53788 and 0 for the scores 2 and 1", async () => {
    expect((await differentiate("softmaxMargin", [2, 1], 2)).loss).toBeCloseTo(0.53788, 5);
    expect((await differentiate("rawHinge", [2, 1], 2)).loss).toBe(0);
  });

  it("stays finite for scores that are far apart", async () => {
    for (const name of rankingLosses)
      for (const scores of [
        [-500, 500],
        [500, -500],
      ]) {
        const { loss, gradient } = await differentiate(name, scores, 2);
        expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
      }
  });
});
