import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { chiSquare, criticalValue } from "../test/chi-square.ts";
import { truncatedPoisson } from "./index.ts";
import { drawIndex } from "./truncated-poisson.ts";

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe("truncatedPoisson", () => {
  it("gives the worked example for λ = 3", () => {
    const p = truncatedPoisson(3);
    expect([...p.slice(0, 4)].map((value) => Number(value.toFixed(5)))).toEqual([0.15719, 0.23578, 0.23578, 0.17684]);
    expect(sum(p.map((value, i) => value * (i + 1)))).toBeCloseTo(3.1572, 4);
  });

  it.each([1e-6, 0.5, 1, 3, 30, 100])("sums to 1 for λ = %d", (lambda) => {
    expect(Math.abs(sum(truncatedPoisson(lambda)) - 1)).toBeLessThan(1e-13);
  });

  it("is what 10⁶ draws show: chi-square under the 99.9 % point", () => {
    const p = truncatedPoisson(3);
    const rising = p.map(
      (
        (total) => (value: number) =>
          (total += value)
      )(0),
    );
    const random = seeded(5, "lengths");
    const counts = new Array<number>(p.length).fill(0);
    for (let i = 0; i < 1e6; i++) counts[drawIndex(rising, rising.length, random)]!++;
    const { statistic, degreesOfFreedom } = chiSquare(counts, [...p]);
    expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
  });
});
