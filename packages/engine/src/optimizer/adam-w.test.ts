import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ParameterStore } from "../index.ts";
import { adamW } from "./adam-w.ts";

interface Fixture {
  shapes: Record<string, number[]>;
  options: Record<string, number>;
  start: Record<string, number[]>;
  steps: {
    learningRate: number;
    gradients: Record<string, number[]>;
    norm: number;
    weights: Record<string, number[]>;
  }[];
}

const fixture: Fixture = JSON.parse(readFileSync(new URL("../../test/oracle/adam-w.json", import.meta.url), "utf8"));

function started(): ParameterStore {
  const initial = Object.entries(fixture.shapes).map(([name, shape]) => [
    name,
    { shape, data: Float32Array.from(fixture.start[name]!) },
  ]);
  return ParameterStore.create(Object.fromEntries(initial));
}

describe("adamW", () => {
  it("takes PyTorch's steps: decoupled decay on matrices alone, bias correction, clipping by the global norm", () => {
    const store = started();
    const optimizer = adamW(store, fixture.options);
    for (const [i, { learningRate, gradients, norm, weights }] of fixture.steps.entries()) {
      for (const [name, gradient] of Object.entries(gradients)) store.gradient(name).set(gradient);
      const gradientNorm = optimizer.gradientNorm(store.names);
      expect(Math.abs(gradientNorm - norm) / norm).toBeLessThan(1e-6);
      optimizer.update(store.names, { step: i + 1, learningRate, gradientNorm });
      for (const [name, expected] of Object.entries(weights)) {
        const error = Math.max(...expected.map((each, at) => Math.abs(each - store.weights(name)[at]!)));
        expect(error, `${name}, step ${i + 1}`).toBeLessThan(5e-7); // a few last bits of weights near 1
      }
    }
  });

  it("leaves parameters that are not named as they are, with their moments", () => {
    const store = started();
    const optimizer = adamW(store);
    for (const name of store.names) store.gradient(name).fill(1);
    optimizer.update(["a.weight"], { step: 1, learningRate: 0.1, gradientNorm: 1 });
    expect([...store.weights("a.bias")]).toEqual(fixture.start["a.bias"]);
    expect(store.firstMoment("b.LayerNorm.weight").every((moment) => moment === 0)).toBe(true);
    expect(store.firstMoment("a.weight").every((moment) => moment > 0)).toBe(true);
  });

  it("never clips when the norm may be infinite", () => {
    const [clipped, free] = [started(), started()];
    for (const [store, maxGradientNorm] of [
      [clipped, 1],
      [free, Number.POSITIVE_INFINITY],
    ] as const) {
      for (const name of store.names) store.gradient(name).fill(2);
      const optimizer = adamW(store, { maxGradientNorm });
      optimizer.update(store.names, { step: 1, learningRate: 0.1, gradientNorm: optimizer.gradientNorm(store.names) });
    }
    expect(free.firstMoment("a.bias")[0]).toBeCloseTo(0.2);
    expect(clipped.firstMoment("a.bias")[0]).toBeCloseTo(0.2 / (2 * Math.sqrt(35 + 5 + 33)));
  });
});
