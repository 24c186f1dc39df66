import type { Qrels, Run } from "@propria/metrics";
import { evaluate } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { chooseWeight } from "./choose-weight.ts";
import { interpolate } from "./interpolate.ts";

/** Each run alone ranks `x` or `y` first; together the relevant `r`, second in both, wins. */
const first: Run = new Map([
  [
    "q",
    [
      { documentId: "x", score: 3 },
      { documentId: "r", score: 2.8 },
      { documentId: "y", score: 1 },
    ],
  ],
]);
const second: Run = new Map([
  [
    "q",
    [
      { documentId: "y", score: 30 },
      { documentId: "r", score: 20 },
      { documentId: "x", score: 0 },
    ],
  ],
]);
const qrels: Qrels = new Map([["q", new Map([["r", 1]])]]);

describe("chooseWeight", () => {
  it("finds the weight at which both runs together are best", () => {
    const { weight, value, curve } = chooseWeight(first, second, qrels, "nDCG@10");
    expect(value).toBe(1);
    expect(evaluate(qrels, interpolate(first, second, weight), ["nDCG@10"]).mean["nDCG@10"]).toBe(1);
    expect(curve).toHaveLength(21);
    expect(curve[0]!.value).toBeLessThan(1);
    expect(curve.at(-1)!.value).toBeLessThan(1);
  });

  it("takes the first of equally good weights", () => {
    expect(chooseWeight(first, second, qrels, "nDCG@10", { grid: [0, 1] }).weight).toBe(0);
    expect(chooseWeight(first, second, qrels, "nDCG@10", { grid: [1, 0] }).weight).toBe(1);
  });

  it("refuses a grid of nothing, and a measure that is none", () => {
    expect(() => chooseWeight(first, second, qrels, "nDCG@10", { grid: [] })).toThrow("grid: no weight to try");
    expect(() => chooseWeight(first, second, qrels, "nDGC@10")).toThrow(/nDCG/);
  });
});
