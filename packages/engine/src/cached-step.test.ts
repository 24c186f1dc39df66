import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../test/encoder.ts";
import { chunksOf, stagedInitial, stagedModel, type Texts, textsOf } from "../test/staged-model.ts";
import {
  type Backend,
  type BackendName,
  cachedStep,
  openBackend,
  ParameterStore,
  trainingStep,
  wholeLoss,
} from "./index.ts";

const config: Config = { layers: 2, hidden: 16, heads: 2, vocabulary: 50, positions: 16 };
const batch = textsOf(config, 10, 8);
const backends = {} as Record<BackendName, Backend>;
beforeAll(async () => {
  for (const name of ["cpu", "onnx"] as const) backends[name] = await openBackend(name);
});

type Settings = NonNullable<Parameters<typeof stagedModel>[1]>;
interface Computed {
  loss: number;
  parts: Record<string, number>;
  gradients: Record<string, Float32Array>;
}

const storeOf = () => ParameterStore.create(stagedInitial(config));

function cachedOn(name: BackendName, settings: Settings = {}, store = storeOf()) {
  return { store, step: cachedStep({ backend: backends[name], store, seed: 3, loss: stagedModel(config, settings) }) };
}

async function whole(name: BackendName, settings: Settings = {}, store = storeOf()): Promise<Computed> {
  const loss = wholeLoss(stagedModel(config, settings));
  const step = trainingStep<Texts>({ backend: backends[name], store, seed: 3, loss });
  const result = await step.gradients(batch, { step: 1 });
  await step.release();
  return result;
}

async function cached(name: BackendName, size: number, settings: Settings = {}): Promise<Computed> {
  const { step } = cachedOn(name, settings);
  const result = await step.gradients(chunksOf(batch, size), { step: 1 });
  await step.release();
  return result;
}

/** A key's bias changes nothing: its gradient is the rounding of terms that cancel. */
const vanishing = /key\.bias$/;

function expectEqual(ours: Computed, reference: Computed): void {
  expect(Math.abs(ours.loss - reference.loss) / reference.loss).toBeLessThan(1e-6);
  expect(Object.keys(ours.parts)).toEqual(Object.keys(reference.parts));
  for (const [name, part] of Object.entries(reference.parts)) expect(ours.parts[name], name).toBeCloseTo(part, 5);
  expect(Object.keys(ours.gradients)).toEqual(Object.keys(reference.gradients));
  for (const [name, expected] of Object.entries(reference.gradients)) {
    const largest = expected.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const error = expected.reduce((most, each, i) => Math.max(most, Math.abs(each - ours.gradients[name]![i]!)), 0);
    if (vanishing.test(name)) expect(error, name).toBeLessThan(1e-7);
    else expect(error / largest, name).toBeLessThan(1e-5);
  }
}

describe.each(["cpu", "onnx"] as const)("cachedStep on %s", (name) => {
  it("has the loss, the parts and every gradient of the whole batch in one graph", async () => {
    expectEqual(await cached(name, 4), await whole("cpu"));
  });

  it("has them whatever the size of a chunk", async () => {
    const reference = await whole(name);
    for (const size of [1, 3, 5, 10]) expectEqual(await cached(name, size), reference);
  });

  it("has them without means, and without vectors", async () => {
    for (const settings of [{ means: false }, { vectors: false }])
      expectEqual(await cached(name, 4, settings), await whole("cpu", settings));
  });

  it("leaves nothing of the step before in any gradient", async () => {
    const { step, store } = cachedOn(name);
    await step.gradients(chunksOf(batch, 2), { step: 1 });
    const again = await step.gradients(chunksOf(batch, 4), { step: 1 });
    expectEqual(again, await whole(name));
    expect(store.gradient("classifier.weight").every((each) => each === 0)).toBe(true); // no stage uses it
  });

  it("makes the update of a whole step", async () => {
    const { step, store } = cachedOn(name);
    const reference = storeOf();
    const plain = trainingStep<Texts>({
      ...{ backend: backends[name], store: reference, seed: 3 },
      loss: wholeLoss(stagedModel(config)),
    });
    const at = { step: 1, learningRate: 1e-3 };
    const [ours, theirs] = [await step.run(chunksOf(batch, 4), at), await plain.run(batch, at)];
    expect(ours.loss).toBeCloseTo(theirs.loss, 5);
    expect(ours.gradientNorm / theirs.gradientNorm).toBeCloseTo(1, 5);
    for (const each of store.names.filter((parameter) => !vanishing.test(parameter))) {
      const expected = reference.weights(each);
      const largest = Math.max(...store.weights(each).map((weight, i) => Math.abs(weight - expected[i]!)));
      expect(largest, each).toBeLessThan(2e-5);
    }
  });

  it("has the gradients of finite differences, with dropout, whose masks are the same in both passes of a chunk", async () => {
    const settings = { rate: 0.2 };
    const { step, store } = cachedOn(name, settings);
    const chunks = chunksOf(batch, 4);
    const { gradients } = await step.gradients(chunks, { step: 1 });
    const inputs = [
      "bert.encoder.layer.0.intermediate.dense.weight",
      "projector.weight",
      "bert.embeddings.word_embeddings.weight",
    ];
    for (const parameter of inputs) {
      const weights = store.weights(parameter);
      for (const i of [0, 7, Math.floor(weights.length / 2)]) {
        const before = weights[i]!;
        const lossAt = async (value: number) => {
          weights[i] = value;
          return (await step.gradients(chunks, { step: 1 })).loss;
        };
        const difference = ((await lossAt(before + 1e-2)) - (await lossAt(before - 1e-2))) / 2e-2;
        weights[i] = before;
        expect(Math.abs(difference - gradients[parameter]![i]!), `${parameter}[${i}]`).toBeLessThan(2e-3);
      }
    }
  });
});

describe("cachedStep", () => {
  it("drops the same elements out on both backends, and others in another chunk or step", async () => {
    const settings = { rate: 0.3 };
    expectEqual(await cached("onnx", 4, settings), await cached("cpu", 4, settings));
    const { step } = cachedOn("onnx", { ...settings, means: false });
    const same = chunksOf(batch, 5)[0]!;
    const losses = [];
    for (const at of [1, 2]) losses.push((await step.gradients([same, same], { step: at })).loss);
    expect(losses[0]).not.toBe(losses[1]);
    const { gradients } = await step.gradients([same, same], { step: 1 });
    const undropped = await cachedOn("onnx", { means: false }).step.gradients([same, same], { step: 1 });
    expect(gradients).not.toEqual(undropped.gradients);
  });

  it("gives the same bits twice", async () => {
    const stores = [storeOf(), storeOf()];
    for (const store of stores) {
      const { step } = cachedOn("onnx", { rate: 0.1 }, store);
      for (let at = 1; at <= 3; at++) await step.run(chunksOf(batch, 4), { step: at, learningRate: 1e-3 });
    }
    for (const name of stores[0]!.names) expect(stores[0]!.weights(name)).toEqual(stores[1]!.weights(name));
  });

  it("trains only what is trainable", async () => {
    const store = ParameterStore.create(stagedInitial(config), { trainable: (name) => name.startsWith("projector") });
    const { step } = cachedOn("onnx", {}, store);
    const { gradients } = await step.gradients(chunksOf(batch, 4), { step: 1 });
    const all = await whole("onnx");
    expect(Object.keys(gradients)).toEqual(["projector.weight", "projector.bias"]);
    for (const [name, gradient] of Object.entries(gradients))
      expect(Math.max(...gradient.map((each, i) => Math.abs(each - all.gradients[name]![i]!)))).toBeLessThan(1e-6);
  });

  it("stops at a loss that is not finite, names the step and leaves the weights", async () => {
    const { step, store } = cachedOn("onnx");
    store.weights("projector.bias")[0] = Number.NaN;
    const before = store.snapshot();
    const run = step.run(chunksOf(batch, 4), { step: 17, learningRate: 1e-3 });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: "NOT_FINITE", at: "step 17" }));
    expect(store.snapshot()).toEqual(before);
  });

  it("refuses a loss that depends on no parameter, vectors of other shapes and no chunks", async () => {
    const parts = { backend: backends.onnx, store: storeOf(), seed: 1 };
    const constant = cachedStep<Texts, Record<string, never>>({
      ...parts,
      loss: { represent: () => ({ vectors: {} }), contrast: () => ({ loss: stagedConstant() }) },
    });
    await expect(constant.run([batch], { step: 1, learningRate: 1 })).rejects.toMatchObject({ code: "NO_GRADIENT" });
    const { step } = cachedOn("onnx");
    await expect(step.run([], { step: 1, learningRate: 1 })).rejects.toThrow("a batch of no chunks");
    const uneven = cachedStep<Texts, { ids: Tensor }>({
      ...parts,
      loss: {
        represent: (_, { inputIds }) => ({ vectors: { ids: inputIds } }),
        contrast: () => ({ loss: stagedConstant() }),
      },
    });
    const narrow = textsOf(config, 2, 4);
    await expect(uneven.run([batch, narrow], { step: 1, learningRate: 1 })).rejects.toThrow(
      expect.objectContaining({
        code: "VECTOR_SHAPES",
        message: expect.stringMatching(/^vectors.ids has shape \[2,4\] in one chunk and \[10,8\] in another /),
      }),
    );
  });
});

const stagedConstant = () => tf.scalar(1);
