import { seeded } from "@propria/base";
import { type Backend, openBackend, ParameterStore, scope, trainingStep } from "@propria/engine";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, namedConfig, type Tokens } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { collatePassages } from "./deep-ct-source.ts";
import { maskedSquaredError, termWeightInits, tokenWeights } from "./term-weight-model.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

const row = (values: readonly number[]) => ({ data: Float32Array.from(values), shape: [2, 3] as [number, number] });

describe("maskedSquaredError", () => {
  async function differentiate(weights: number[], targets: number[], targetWeights: number[]) {
    const store = ParameterStore.create({ weights: row(weights) });
    const step = trainingStep({
      ...{ backend, store, seed: 0 },
      loss: (parameters, batch) => ({
        loss: maskedSquaredError(
          parameters.weights as Tensor2D,
          batch.targets as Tensor2D,
          batch.targetWeights as Tensor2D,
        ),
      }),
    });
    const batch = { targets: row(targets), targetWeights: row(targetWeights) };
    const { loss, gradients } = await step.gradients(batch, { step: 1 });
    await step.release();
    return { loss, gradient: [...gradients.weights!] };
  }

  it("is over the marked tokens of all passages, and the others get no gradient", async () => {
    const { loss, gradient } = await differentiate([1, 2, 3, 0.5, 9, 0], [0, 2, 0, 1, 0, 0], [1, 1, 0, 1, 0, 1]);
    expect(loss).toBeCloseTo((1 + 0 + 0.25 + 0) / 4, 6);
    for (const [i, value] of [0.5, 0, 0, -0.25, 0, 0].entries()) expect(gradient[i]).toBeCloseTo(value, 6);
  });

  it("is 0 where nothing is marked", async () => {
    expect(await differentiate([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0])).toEqual({
      loss: 0,
      gradient: [0, 0, 0, 0, 0, 0],
    });
  });
});

describe("tokenWeights", () => {
  const config = namedConfig("tiny", { vocabSize: 30, dropout: 0 });
  const parameters = initialize(config, termWeightInits(config), seeded(1));

  it("starts from a cut normal of deviation 0.02 and bias 0, named apart from every head of transformers", () => {
    const weight = parameters["term_weight.weight"]!;
    expect(weight.shape).toEqual([1, config.hiddenSize]);
    expect(Math.max(...weight.data.map(Math.abs))).toBeLessThanOrEqual(0.04);
    expect([...parameters["term_weight.bias"]!.data]).toEqual([0]);
  });

  it("reaches every layer and the head by its gradient, and does not change with padding", async () => {
    const passages = [
      { ids: [2, 7, 8, 9, 3], positions: [1, 3], targets: [1, 0.5] },
      { ids: [2, 7, 3], positions: [1], targets: [0] },
    ];
    const losses: number[] = [];
    for (const width of [8, 16]) {
      const pad = collateContext(lengthBuckets(width, 1), { bucketTokens: width });
      const batch = collatePassages(passages, pad);
      const step = trainingStep({
        ...{ backend, seed: 0, store: ParameterStore.create(parameters) },
        loss: (weights, { targets, targetWeights, ...tokens }) => ({
          loss: maskedSquaredError(
            tokenWeights(scope(weights), tokens as unknown as Tokens, config),
            targets as Tensor2D,
            targetWeights as Tensor2D,
          ),
        }),
      });
      const { loss, gradients } = await step.gradients(batch, { step: 1 });
      await step.release();
      losses.push(loss);
      for (const [name, gradient] of Object.entries(gradients))
        if (!/key\.bias|token_type/.test(name))
          expect([name, gradient.some((value) => value !== 0)]).toEqual([name, true]);
    }
    expect(losses[1]).toBeCloseTo(losses[0]!, 5);
  });
});

describe("collatePassages", () => {
  it("marks the words' first pieces alone", () => {
    const { inputIds, targets, targetWeights } = collatePassages(
      [
        { ids: [2, 7, 8, 9, 3], positions: [1, 3], targets: [1, 0.5] },
        { ids: [2, 3], positions: [], targets: [] },
      ],
      collateContext(lengthBuckets(6, 1), { bucketTokens: 6 }),
    );
    expect([...inputIds.data]).toEqual([2, 7, 8, 9, 3, 0, 2, 3, 0, 0, 0, 0]);
    expect([...targets.data]).toEqual([0, 1, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...targetWeights.data]).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
