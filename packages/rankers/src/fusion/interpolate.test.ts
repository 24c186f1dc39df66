import type { Run } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { interpolate } from "./interpolate.ts";

const list = (scores: Record<string, number>) =>
  Object.entries(scores).map(([documentId, score]) => ({ documentId, score }));
const runOf = (queries: Record<string, Record<string, number>>): Run =>
  new Map(Object.entries(queries).map(([queryId, scores]) => [queryId, list(scores)]));

const first = runOf({ q: { a: 30, b: 20, c: 10 }, onlyFirst: { a: 3, b: 1 } });
const second = runOf({ q: { c: 0.9, b: 0.4, d: -0.1 }, onlySecond: { x: 5 } });

describe("interpolate", () => {
  it("adds the scores on a scale from 0 to 1, and takes 0 for a document that one run lacks", () => {
    const blended = interpolate(first, second, 0.25).get("q")!;
    expect(blended.map(({ documentId }) => documentId)).toEqual(["c", "b", "a", "d"]);
    const [c, b, a, d] = blended.map(({ score }) => score);
    expect([c, b, a, d].map((score) => Number(score!.toFixed(6)))).toEqual([0.75, 0.5, 0.25, 0]);
  });

  it.each([
    [1, ["a", "b", "d", "c"]], // d has first's lowest score, as c has
    [0, ["c", "b", "d", "a"]],
  ])("ranks by one run alone at weight %d", (weight, expected) => {
    expect(
      interpolate(first, second, weight)
        .get("q")!
        .map(({ documentId }) => documentId),
    ).toEqual(expected);
  });

  it("leaves out documents of one run only, when asked to", () => {
    const blended = interpolate(first, second, 0.5, { missing: "drop" }).get("q")!;
    expect(blended.map(({ documentId }) => documentId).toSorted()).toEqual(["b", "c"]);
  });

  it("keeps the ranking of a query that one run answers", () => {
    const blended = interpolate(first, second, 0.5);
    expect([...blended.keys()]).toEqual(["q", "onlyFirst", "onlySecond"]);
    expect(blended.get("onlyFirst")).toEqual(list({ a: 1, b: 0 }));
    expect(blended.get("onlySecond")).toEqual(list({ x: 1 }));
  });

  it("scales to mean 0 and deviation 1, or not at all", () => {
    const both = runOf({ q: { a: 1, b: 3 } });
    expect(interpolate(both, both, 0.3, { normalization: "zScore" }).get("q")).toEqual(list({ b: 1, a: -1 }));
    expect(interpolate(both, runOf({ q: { a: 7, b: 2 } }), 0.5, { normalization: "none" }).get("q")).toEqual(
      list({ a: 4, b: 2.5 }),
    );
  });

  it("ranks a document above the missing when it is alone or all scores are equal", () => {
    const blended = interpolate(runOf({ q: { a: 2, b: 2 } }), runOf({ q: { c: 1 } }), 0.9).get("q")!;
    expect(blended.map(({ documentId }) => documentId)).toEqual(["b", "a", "c"]);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses a weight of %d", (weight) => {
    expect(() => interpolate(first, second, weight)).toThrow(`weight: a weight of ${weight} (give one in [0, 1])`);
  });
});
