import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { betaSample, gammaSample } from "./index.ts";

const DRAWS = 40_000;
const moments = (draw: () => number) => {
  const drawn = Array.from({ length: DRAWS }, draw);
  const mean = drawn.reduce((a, b) => a + b) / DRAWS;
  return { drawn, mean, variance: drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / DRAWS };
};

describe("gammaSample", () => {
  it.each([0.3, 1, 2, 9.5])("has mean and variance %d", (shape) => {
    const random = seeded(1, shape);
    const { mean, variance } = moments(() => gammaSample(shape, random));
    expect(Math.abs(mean - shape)).toBeLessThan(5 * Math.sqrt(shape / DRAWS));
    expect(Math.abs(variance / shape - 1)).toBeLessThan(5 * Math.sqrt((2 + 6 / shape) / DRAWS)); // kurtosis 3 + 6/k
  });
});

describe("betaSample", () => {
  it.each([
    [4, 2],
    [2, 4],
    [0.5, 0.5],
    [1, 3],
  ])("has the mean and variance of Beta(%d, %d), in [0, 1]", (alpha, beta) => {
    const random = seeded(2, alpha, beta);
    const { drawn, mean, variance } = moments(() => betaSample(alpha, beta, random));
    const [m, v] = [alpha / (alpha + beta), (alpha * beta) / ((alpha + beta) ** 2 * (alpha + beta + 1))];
    expect(Math.abs(mean - m)).toBeLessThan(5 * Math.sqrt(v / DRAWS));
    expect(Math.abs(variance / v - 1)).toBeLessThan(0.05);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
  });

  it("is uniform for 1 and 1", () => {
    const random = seeded(3);
    const counts = new Float64Array(10);
    for (let i = 0; i < DRAWS; i++) counts[Math.min(9, Math.floor(10 * betaSample(1, 1, random)))]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - DRAWS / 10) ** 2 / (DRAWS / 10), 0);
    expect(chiSquare).toBeLessThan(33.7); // 9 degrees of freedom, p = 1e-4
  });

  it("is the same for the same stream, and finite for shapes near 0", () => {
    expect(betaSample(4, 2, seeded(5))).toBe(betaSample(4, 2, seeded(5)));
    const random = seeded(6);
    for (let i = 0; i < 1000; i++) {
      const drawn = betaSample(1e-4, 1e-4, random);
      expect(drawn >= 0 && drawn <= 1).toBe(true);
    }
  });
});
