import { describe, expect, it } from "vitest";
import { frozenWeights, ParameterStore } from "./index.ts";

const ramp = (start: number, ...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((size, each) => size * each, 1) }, (_, i) => start + i),
});

const initial = {
  "a.bias": ramp(1, 3),
  "a.weight": ramp(10, 4, 5),
  "LayerNorm.weight": ramp(50, 17),
  "b.weight": ramp(100, 2, 2),
};

describe("ParameterStore", () => {
  it("starts from a copy of the given values, in the given order of names", () => {
    const store = ParameterStore.create(initial);
    expect(store.names).toEqual(Object.keys(initial));
    for (const [name, { shape, data }] of Object.entries(initial)) {
      expect(store.shape(name)).toEqual(shape);
      expect(store.weights(name)).toEqual(data);
      expect(store.gradient(name).every((value) => value === 0)).toBe(true);
    }
    store.weights("a.bias")[0] = 7;
    expect(initial["a.bias"].data[0]).toBe(1);
    expect(store.snapshot()["a.bias"]!.data[0]).toBe(7);
  });

  it("gives views of one memory, 64-byte aligned and apart from each other", () => {
    const store = ParameterStore.create(initial);
    const views = store.names.flatMap((name) => [
      store.weights(name),
      store.gradient(name),
      store.firstMoment(name),
      store.secondMoment(name),
    ]);
    for (const view of views) {
      expect(view.buffer).toBe(store.memory.buffer);
      expect(view.byteOffset % 64).toBe(0);
    }
    views.forEach((view, i) => {
      view.fill(i);
    });
    expect(views.every((view, i) => view.every((value) => value === i))).toBe(true);
  });

  it("covers what is trained with one stretch that decays and one that does not", () => {
    const store = ParameterStore.create(initial);
    expect(store.stretches(store.names)).toEqual([
      { start: 0, length: 48, decays: true }, // a.weight 20 -> 32, b.weight 4 -> 16
      { start: 48, length: 48, decays: false }, // a.bias 3 -> 16, LayerNorm.weight 17 -> 32
    ]);
    expect(store.stretches(["b.weight"])).toEqual([{ start: 32, length: 16, decays: true }]);
  });

  it("keeps no gradient for frozen parameters", () => {
    const store = ParameterStore.create(initial, { trainable: (name) => name.startsWith("a.") });
    expect(store.trainable).toEqual(["a.bias", "a.weight"]);
    expect(store.weights("b.weight")).toEqual(initial["b.weight"].data);
    expect(() => store.gradient("b.weight")).toThrow("parameter b.weight is frozen: it has no gradient");
    expect(store.trainedLength).toBe(48);
  });

  it("takes another rule for decay", () => {
    const store = ParameterStore.create(initial, { decays: (name) => name === "a.bias" });
    expect(store.stretches(["a.bias"])[0]).toMatchObject({ start: 0, decays: true });
    expect(store.stretches(["a.weight"])[0]).toMatchObject({ decays: false });
  });

  it("refuses values that do not fill their shape, unknown names, and more than 4 GB", () => {
    expect(() => ParameterStore.create({ x: { shape: [3], data: new Float32Array(2) } })).toThrow(
      "parameter x: shape [3] has 3 elements, data has 2",
    );
    expect(() => ParameterStore.create(initial).weights("c")).toThrow("no parameter c");
    const huge = { shape: [300_000_000], data: new Float32Array(0) };
    expect(() => ParameterStore.create({ huge })).toThrow(expect.objectContaining({ code: "MODEL_TOO_LARGE" }));
  });

  it("hands out the moments for a checkpoint, and takes them back in place", () => {
    const [store, restored] = [ParameterStore.create(initial), ParameterStore.create(initial)];
    store.firstMoment("a.bias").fill(3);
    store.secondMoment("a.bias").fill(4);
    const state = store.optimizerState();
    expect(Object.keys(state)).toHaveLength(2 * store.names.length);
    for (const [name, values] of Object.entries(restored.optimizerState())) values.set(state[name]!);
    expect([...restored.secondMoment("a.bias")]).toEqual([4, 4, 4]);
  });
});

describe("frozenWeights", () => {
  it("gives the arrays themselves", () => {
    const weights = frozenWeights(initial);
    expect(weights.names).toEqual(Object.keys(initial));
    expect(weights.weights("a.bias")).toBe(initial["a.bias"].data);
    expect(weights.shape("a.weight")).toEqual([4, 5]);
    expect(() => weights.shape("c")).toThrow("no parameter c");
  });
});
