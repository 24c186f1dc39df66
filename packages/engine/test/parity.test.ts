import { beforeAll, describe, expect, it } from "vitest";
import { type Backend, openBackend, ParameterStore, trainingStep } from "../src/index.ts";
import { type Config, initial, loss, type TextBatch, textBatch } from "./encoder.ts";

const config: Config = { layers: 2, hidden: 16, heads: 2, vocabulary: 50, positions: 16 };
const batch = textBatch(config, 4, 8);
const backends: Record<string, Backend> = {};

beforeAll(async () => {
  for (const name of ["onnx", "cpu"] as const) backends[name] = await openBackend(name);
});

type Settings = { form?: "fused" | "plain"; rate?: number };

function stepOn(backend: string, { form = "fused", rate = 0 }: Settings = {}) {
  const store = ParameterStore.create(initial(config));
  const step = trainingStep<TextBatch>({
    backend: backends[backend]!,
    store,
    seed: 3,
    loss: (parameters, batch, { dropout }) => loss(parameters, batch, { config, dropout, rate, form }),
  });
  return { store, step };
}

const gradientsOn = (backend: string, settings?: Settings) =>
  stepOn(backend, settings).step.gradients(batch, { step: 1 });

type Gradients = Awaited<ReturnType<typeof gradientsOn>>;

/**
 * Gradients that are mathematically 0: a key's bias adds one number to all scores of a query, which the softmax ignores, and
 * the ranking head's adds one to both sides of a difference. What is computed is the rounding of terms that cancel, so the bound is absolute.
 */
const vanishing = /key\.bias$|^classifier\.bias$/;

/** Within 1e-5 of each tensor's largest element. */
function expectEqual(ours: Gradients, reference: Gradients): void {
  expect(Math.abs(ours.loss - reference.loss) / reference.loss).toBeLessThan(1e-6);
  expect(Object.keys(ours.gradients).sort()).toEqual(Object.keys(reference.gradients).sort());
  for (const [name, expected] of Object.entries(reference.gradients)) {
    const largest = expected.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const error = expected.reduce((most, each, i) => Math.max(most, Math.abs(each - ours.gradients[name]![i]!)), 0);
    if (vanishing.test(name)) expect(error, name).toBeLessThan(1e-7);
    else expect(error / largest, name).toBeLessThan(1e-5);
  }
}

describe("a 2-layer encoder with both heads", () => {
  it("has the same loss and gradients traced as on tfjs' cpu backend", async () => {
    expectEqual(await gradientsOn("onnx"), await gradientsOn("cpu"));
  });

  it("has the same loss and gradients when every op is its plain composition, on both backends", async () => {
    const reference = await gradientsOn("cpu", { form: "plain" });
    expectEqual(await gradientsOn("cpu"), reference);
    expectEqual(await gradientsOn("onnx", { form: "plain" }), reference);
  });

  it("has the same loss and gradients with dropout, whose masks are the same bits", async () => {
    const rate = 0.3;
    const [ours, reference] = [await gradientsOn("onnx", { rate }), await gradientsOn("cpu", { rate })];
    expectEqual(ours, reference);
    expect(ours.loss).not.toBe((await gradientsOn("onnx")).loss);
  });

  it("takes the same ten steps on both backends", async () => {
    const [ours, reference] = [stepOn("onnx", { rate: 0.1 }), stepOn("cpu", { rate: 0.1 })];
    for (let step = 1; step <= 10; step++) {
      const at = { step, learningRate: 1e-3 };
      const [a, b] = [await ours.step.run(batch, at), await reference.step.run(batch, at)];
      expect(Math.abs(a.loss - b.loss) / b.loss).toBeLessThan(1e-4);
    }
    for (const name of ours.store.names) {
      if (vanishing.test(name)) continue; // Adam makes full steps of the rounding that their gradients are
      const expected = reference.store.weights(name);
      const difference = ours.store.weights(name).map((value, i) => Math.abs(value - expected[i]!));
      expect(Math.max(...difference), name).toBeLessThan(1e-4);
    }
  });

  it("gives the same bits twice", async () => {
    const [first, second] = [stepOn("onnx", { rate: 0.1 }), stepOn("onnx", { rate: 0.1 })];
    for (const { step } of [first, second])
      for (let at = 1; at <= 3; at++) await step.run(batch, { step: at, learningRate: 1e-3 });
    for (const name of first.store.names) expect(first.store.weights(name)).toEqual(second.store.weights(name));
  });
});
