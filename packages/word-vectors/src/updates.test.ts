import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { scratch, update } from "./updates.ts";

interface Oracle {
  dimensions: number;
  learningRate: number;
  input: number[];
  output: number[];
  steps: { neighbours: number[]; predicted: number[]; input: number[]; output: number[] }[];
}
const oracle = JSON.parse(readFileSync(new URL("../test/oracle/updates.json", import.meta.url), "utf8")) as Oracle;

describe("update", () => {
  it("takes PyTorch's steps on the loss of negative sampling, by one neighbour and by the mean of several", () => {
    const { dimensions, learningRate } = oracle;
    const tables = {
      ...{ dimensions, input: Float32Array.from(oracle.input), output: Float32Array.from(oracle.output) },
    };
    for (const { neighbours, predicted, input, output } of oracle.steps) {
      update(tables, neighbours, predicted, learningRate, scratch(dimensions));
      for (const [i, value] of input.entries()) expect(tables.input[i]).toBeCloseTo(value, 5);
      for (const [i, value] of output.entries()) expect(tables.output[i]).toBeCloseTo(value, 5);
    }
  });

  it("gives the step worked out by hand", () => {
    // h = (1, 0), o⁺ = (0, 1), o⁻ = (0, 0): both scores are 0, so the steps are ±0.5 · 0.2.
    const tables = { dimensions: 2, input: Float32Array.of(1, 0), output: Float32Array.of(0, 1, 0, 0) };
    update(tables, [0], [0, 1], 0.2, scratch(2));
    expect([...tables.input]).toEqual([1, Math.fround(0.1)]);
    expect([...tables.output]).toEqual([Math.fround(0.1), 1, Math.fround(-0.1), 0]);
  });
});
