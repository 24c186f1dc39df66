import { describe, expect, it } from "vitest";
import { dropoutMasks } from "./dropout-masks.ts";

const SIDE = 1000;
const site = { shape: [SIDE, SIDE], rate: 0.1 };
const mask = ({ seed = 1, step = 1, chunk, first = 0, rate = 0.1 }: Partial<Record<string, number>> = {}) =>
  dropoutMasks(seed).at(step, chunk)(first, [{ ...site, rate }])[0]!;

const droppedShare = (values: Float32Array) =>
  values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0) / values.length;

const sameBits = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/** Of two masks' dropped places, in standard deviations: 0 when they are independent. */
function dependence(a: Float32Array, b: Float32Array, rate: number): number {
  const both = a.reduce((count, value, i) => count + (value === 0 && b[i] === 0 ? 1 : 0), 0) / a.length;
  return (both - rate ** 2) / Math.sqrt((rate ** 2 * (1 - rate ** 2)) / a.length);
}

describe("dropoutMasks", () => {
  it.each([0.1, 0.3, 0.5, 0.9])("drops a share of %f of the elements and keeps the mean at 1", (rate) => {
    const values = mask({ rate });
    const deviation = Math.sqrt((rate * (1 - rate)) / values.length);
    expect(Math.abs(droppedShare(values) - rate)).toBeLessThan(4 * deviation + 1 / 65536);
    expect(new Set(values).size).toBe(2);
    expect(Math.max(...new Set(values))).toBeCloseTo(1 / (1 - rate), 2);
  });

  it("is a function of seed, step, chunk and site", () => {
    expect(sameBits(mask(), mask())).toBe(true);
    expect(sameBits(mask({ chunk: 1 }), mask({ chunk: 1 }))).toBe(true);
    for (const other of [
      mask({ seed: 2 }),
      mask({ step: 2 }),
      mask({ first: 1 }),
      mask({ chunk: 0 }),
      mask({ chunk: 1 }),
    ])
      expect(sameBits(mask(), other)).toBe(false);
  });

  it("gives the same mask alone and among others", () => {
    const three = dropoutMasks(1).at(1)(0, [{ shape: [3], rate: 0.5 }, site, { shape: [5, 7], rate: 0.2 }]);
    expect(three.map((each) => each.length)).toEqual([3, SIDE * SIDE, 35]);
    expect(sameBits(three[1]!, mask({ first: 1 }))).toBe(true);
  });

  it("draws places, sites, steps and seeds independently of each other", () => {
    const values = mask();
    for (const other of [mask({ first: 1 }), mask({ step: 2 }), mask({ seed: 2 }), mask({ chunk: 0 })])
      expect(Math.abs(dependence(values, other, 0.1))).toBeLessThan(4.5);
    for (const lag of [1, 2, 3, 4, 5, 8, 16, 32, 64, SIDE])
      expect(Math.abs(dependence(values.subarray(lag), values.subarray(0, -lag), 0.1)), `lag ${lag}`).toBeLessThan(4.5);
  });

  it("spreads drops evenly over rows: chi-square of 1,000 rows stays under the 99.99 % point", () => {
    const values = mask();
    const chiSquare = Array.from({ length: SIDE }, (_, row) =>
      droppedShare(values.subarray(row * SIDE, (row + 1) * SIDE)),
    )
      .map((share) => ((share - 0.1) * SIDE) ** 2 / (SIDE * 0.1 * 0.9))
      .reduce((sum, each) => sum + each, 0);
    expect(chiSquare).toBeLessThan(1175); // 1000 degrees of freedom
    expect(chiSquare).toBeGreaterThan(835);
  });
});
