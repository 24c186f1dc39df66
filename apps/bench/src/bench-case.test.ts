import { describe, expect, it } from "vitest";
import { median, rowOf } from "./bench-case.ts";

describe("rowOf", () => {
  const pairs = [
    { ours: 10, theirs: 20 },
    { ours: 10, theirs: 15 },
    { ours: 20, theirs: 60 },
  ];
  const what = { name: "step", peer: "Peer 1.0" };

  it("pairs each round: a ratio above 1 is in our favour when lower is better", () => {
    expect(rowOf({ ...what, unit: "ms", better: "lower" }, pairs)).toEqual({
      ...what,
      unit: "ms",
      ours: 10,
      theirs: 20,
      ratio: { median: 2, min: 1.5, max: 3 },
    });
  });

  it("turns the ratio round when higher is better", () => {
    const { ratio } = rowOf({ ...what, unit: "tokens/s", better: "higher" }, pairs);
    expect(ratio).toEqual({ median: 0.5, min: 0.3333, max: 0.6667 });
  });
});

describe("median", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[5], 5],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
