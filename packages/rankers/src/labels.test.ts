import type { Qrels } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { labelsBy, withLabels } from "./labels.ts";

const grades = { bad: -2, none: 0, one: 1, two: 2, four: 4 };
const qrels: Qrels = new Map([["q", new Map(Object.entries(grades))]]);

describe("labelsBy", () => {
  it.each([
    ["binary", [0, 0, 1, 1, 1]],
    ["scaled", [0, 0, 0.25, 0.5, 1]],
    [[2], [0, 0, 0, 1, 1]],
    [
      [1, 3],
      [0, 0, 0.5, 0.5, 1],
    ],
  ] as const)("%s: grades -2, 0, 1, 2, 4 become %j", (labels, expected) => {
    expect(Object.values(grades).map(labelsBy(labels, qrels))).toEqual(expected);
  });

  it("refuses thresholds that are no rising grades above 0", () => {
    for (const labels of [[], [0], [2, 2], [3, 1]]) expect(() => labelsBy(labels, qrels)).toThrow("labels: thresholds");
  });
});

describe("withLabels", () => {
  it("makes what has label 0 judged and not relevant", () => {
    expect(withLabels(qrels, labelsBy([2], qrels)).get("q")).toEqual(new Map(Object.entries({ ...grades, one: 0 })));
    expect(withLabels(qrels, labelsBy("binary", qrels))).toEqual(qrels);
  });
});
