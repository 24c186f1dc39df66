import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type Backend, type Batch, type NdArray, openBackend, ParameterStore, trainingStep } from "./index.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("onnx", { threads: 1 });
});

interface Rows extends Batch {
  x: NdArray; // [N, 2]
}

const rows = (...values: number[]): Rows => ({ x: { data: Float32Array.from(values), shape: [values.length / 2, 2] } });
const start = () => ({
  weight: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  bias: { shape: [2], data: Float32Array.of(0.5, -0.5) },
  unused: { shape: [3], data: Float32Array.of(1, 1, 1) },
});
const squares = (all: Record<string, Tensor>, { x }: { x: Tensor }) =>
  tf.mean(tf.square(tf.add(tf.matMul(x as Tensor2D, all.weight as Tensor2D), all.bias!))) as Scalar;
const at = { step: 1, learningRate: 0.01 };

const stepOf = (
  loss: (all: Record<string, Tensor>, batch: { x: Tensor }) => Scalar,
  store = ParameterStore.create(start()),
  sessions = 4,
) =>
  trainingStep<Rows>({
    backend,
    store,
    seed: 1,
    sessions,
    loss: (all, batch) => ({ loss: loss(all, batch), parts: {} }),
  });

describe("trainingStep", () => {
  it("lowers the loss and reports its parts and the gradient's norm", async () => {
    const store = ParameterStore.create(start());
    const step = trainingStep<Rows>({
      backend,
      store,
      seed: 1,
      loss: (all, batch) => ({ loss: squares(all, batch), parts: { squares: squares(all, batch), one: tf.scalar(1) } }),
    });
    const first = await step.run(rows(1, 2, 3, 4), at);
    expect(first.parts).toEqual({ squares: first.loss, one: 1 });
    expect(first.gradientNorm).toBeGreaterThan(1);
    const second = await step.run(rows(1, 2, 3, 4), { ...at, step: 2 });
    expect(second.loss).toBeLessThan(first.loss);
  });

  it("leaves a parameter alone that the loss does not depend on", async () => {
    const store = ParameterStore.create(start(), { decays: () => true });
    const step = stepOf(squares, store);
    expect(Object.keys((await step.gradients(rows(1, 2), at)).gradients)).toEqual(["weight", "bias"]);
    await step.run(rows(1, 2), at);
    expect([...store.weights("unused")]).toEqual([1, 1, 1]);
  });

  it("computes no gradient of a frozen parameter, and gives the others the same", async () => {
    const frozen = ParameterStore.create(start(), { trainable: (name) => name === "bias" });
    const { gradients } = await stepOf(squares, frozen).gradients(rows(1, 2, 3, 4), at);
    const all = await stepOf(squares).gradients(rows(1, 2, 3, 4), at);
    expect(gradients).toEqual({ bias: all.gradients.bias });
    await stepOf(squares, frozen).run(rows(1, 2, 3, 4), at);
    expect([...frozen.weights("weight")]).toEqual([1, 2, 3, 4]);
  });

  it("compiles once for each shape, and again when the shape was released", async () => {
    let traced = 0;
    const step = stepOf(
      (all, batch) => {
        traced++;
        return squares(all, batch);
      },
      undefined,
      2,
    );
    const [one, two, three] = [rows(1, 2), rows(1, 2, 3, 4), rows(1, 2, 3, 4, 5, 6)];
    for (const batch of [one, two, one, two, one]) await step.run(batch, at);
    expect(traced).toBe(2);
    for (const batch of [three, one, two]) await step.run(batch, at);
    expect(traced).toBe(4); // three took two's place, two took three's
  });

  it("stops at a loss that is not finite, names the step and leaves the weights", async () => {
    const store = ParameterStore.create(start());
    const run = stepOf(squares, store).run(rows(Number.NaN, 1), { step: 17, learningRate: 0.01 });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: "NOT_FINITE", at: "step 17" }));
    expect([...store.weights("weight")]).toEqual([1, 2, 3, 4]);
  });

  it("stops at a gradient that is not finite where the loss is", async () => {
    const steep = (all: Record<string, Tensor>, { x }: { x: Tensor }) =>
      tf.sum(tf.sqrt(tf.mul(tf.sum(all.weight!), tf.sum(x)))) as Scalar;
    await expect(stepOf(steep).run(rows(0, 0), at)).rejects.toThrow("step 1: the loss is 0");
  });

  it.each([
    [
      "an op without a kernel, by name",
      (x: Tensor) => tf.cumprod(x),
      "NO_KERNEL",
      "tfjs op Cumprod has no kernel under tracing",
    ],
    [
      "a value read while tracing",
      (x: Tensor) => tf.scalar(x.dataSync()[0]!),
      "VALUE_WHILE_TRACING",
      "a tensor's value is read",
    ],
  ])("refuses %s", async (_, use, code, message) => {
    const loss = (all: Record<string, Tensor>, { x }: { x: Tensor }) => tf.sum(tf.mul(use(x), all.weight!)) as Scalar;
    const run = stepOf(loss).run(rows(1, 2, 3, 4), at);
    await expect(run).rejects.toThrow(expect.objectContaining({ code }));
    await expect(run).rejects.toThrow(message);
    // … and the next trace starts afresh.
    await expect(stepOf(squares).run(rows(1, 2), at)).resolves.toBeDefined();
  });

  it("refuses a loss that depends on no parameter", async () => {
    const run = stepOf((_, { x }) => tf.sum(x) as Scalar).run(rows(1, 2), at);
    await expect(run).rejects.toThrow("the loss depends on no trainable parameter");
  });

  it("refuses a second step while one is running", async () => {
    const step = stepOf(squares);
    const first = step.run(rows(1, 2), at);
    await expect(step.run(rows(1, 2), at)).rejects.toThrow("a step is running");
    await first;
  });

  it("refuses an array that is not as long as its shape", async () => {
    const wrong = { x: { data: Float32Array.of(1, 2, 3), shape: [2, 2] } };
    await expect(stepOf(squares).run(wrong, at)).rejects.toThrow("batch.x: shape [2,2] has 4 elements, data has 3");
  });

  it("gives the same bits whether its memory is kept or given back", async () => {
    const results = [];
    for (const memory of ["fast", "small"] as const) {
      const own = await openBackend("onnx", { threads: 2, memory });
      const store = ParameterStore.create(start());
      const step = trainingStep<Rows>({ backend: own, store, seed: 1, loss: (all, b) => ({ loss: squares(all, b) }) });
      for (let n = 1; n <= 3; n++) await step.run(rows(1, 2, 3, 4), { step: n, learningRate: 0.1 });
      results.push(store.weights("weight"));
    }
    expect(results[0]).toEqual(results[1]);
  });

  it("gives the same bits for every count of threads it is run with twice", async () => {
    for (const threads of [1, 2]) {
      const results: Float32Array[] = [];
      for (let i = 0; i < 2; i++) {
        const store = ParameterStore.create(start());
        const own = await openBackend("onnx", { threads });
        const step = trainingStep<Rows>({
          backend: own,
          store,
          seed: 1,
          loss: (all, b) => ({ loss: squares(all, b) }),
        });
        for (let n = 1; n <= 3; n++) await step.run(rows(1, 2, 3, 4), { step: n, learningRate: 0.1 });
        results.push(store.weights("weight"));
      }
      expect(results[0]).toEqual(results[1]);
    }
  });
});
