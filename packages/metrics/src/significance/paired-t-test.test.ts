import { readFileSync } from "node:fs";
import { seeded } from "@propria/base";
import ttest from "@stdlib/stats-ttest";
import { describe, expect, it } from "vitest";
import { pairedTTest } from "../index.ts";

const scipy = JSON.parse(readFileSync(new URL("../../test/oracle/paired-t-test.json", import.meta.url), "utf8"));

describe("pairedTTest", () => {
  it.each(scipy.cases as { a: number[]; b: number[]; t: number; degreesOfFreedom: number; p: number }[])(
    "gives scipy's values: $p",
    ({ a, b, t, degreesOfFreedom, p }) => {
      const ours = pairedTTest(a, b);
      expect(ours.t).toBeCloseTo(t, 10);
      expect(ours.degreesOfFreedom).toBe(degreesOfFreedom);
      expect(Math.abs(ours.p / p - 1)).toBeLessThan(1e-7);
    },
  );

  it("gives @stdlib/stats-ttest's values on random pairs, near and far", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = seeded(seed, "pairs");
      const a = Array.from({ length: 2 + random.int(300) }, () => random());
      const b = a.map((value) => value + (random() - 0.5) * 0.3 + seed / 500);
      const { pValue, statistic } = ttest(a, b) as { pValue: number; statistic: number };
      const { t, p } = pairedTTest(a, b);
      expect(t).toBeCloseTo(statistic, 8);
      expect(Math.abs(p - pValue)).toBeLessThanOrEqual(1e-7 * pValue + 1e-300);
    }
  });

  it("is symmetric: swapped systems turn the signs and keep p", () => {
    const [a, b] = [
      [0.5, 0.2, 0.9, 0.4],
      [0.4, 0.3, 0.5, 0.1],
    ] as const;
    const [one, other] = [pairedTTest(a, b), pairedTTest(b, a)];
    expect([other.t, other.meanDifference, other.p]).toEqual([-one.t, -one.meanDifference, one.p]);
  });

  it("gives p = 1 for equal values, and p = 0 for a constant difference", () => {
    expect(pairedTTest([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])).toEqual({
      t: 0,
      degreesOfFreedom: 2,
      p: 1,
      meanDifference: 0,
    });
    expect(pairedTTest([0.5, 0.75], [0.75, 1])).toEqual({
      t: Number.NEGATIVE_INFINITY,
      degreesOfFreedom: 1,
      p: 0,
      meanDifference: -0.25,
    });
    expect(pairedTTest([0.4, 0.5, 0.6], [0.3, 0.4, 0.5]).p).toBeLessThan(1e-30); // constant but for rounding
  });

  it.each([
    [[1], [2], "a paired test needs at least 2 queries, found 1"],
    [[1, 2], [2], "2 values against 1"],
    [[1, Number.NaN], [2, 3], "pair 2 is NaN against 3"],
  ])("refuses %j against %j", (a, b, message) => {
    expect(() => pairedTTest(a, b)).toThrow(expect.objectContaining({ code: "PAIRS", message }));
  });
});
