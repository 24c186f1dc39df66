import type { Run } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { type NamedRun, requireCommon, requireJudged } from "./same-collection.ts";

describe("requireJudged", () => {
  const qrels = new Map([
    ["q1", new Map([["a", 1]])],
    [
      "q2",
      new Map([
        ["a", 0],
        ["b", 1],
      ]),
    ],
  ]);
  const check = (...ids: string[]) =>
    requireJudged({
      has: (id) => ids.includes(id),
      at: "index",
      qrels,
      collection: "c",
      split: "test",
      mend: "make it",
    });

  it("says nothing of an index with all judged documents and others", () => {
    expect(check("a", "b", "c")).toBeUndefined();
  });

  it("counts the judged documents that an index lacks", () => {
    expect(check("a")).toBe("index lacks 1 of the 2 judged documents of split test, such as b");
  });

  it("refuses an index without one of them", () => {
    expect(() => check("c")).toThrow("index: has none of the 2 judged documents of c, split test, such as a: ");
  });
});

describe("requireCommon", () => {
  const named = (file: string, queries: Record<string, string[]>): NamedRun => ({
    file,
    run: new Map(
      Object.entries(queries).map(([id, documents]) => [id, documents.map((documentId) => ({ documentId, score: 1 }))]),
    ) as Run,
  });

  it("takes runs that share a query and a document, be it of different queries", () => {
    requireCommon([named("x", { q1: ["a"], q2: ["b"] }), named("y", { q1: ["b"] }), named("z", { q2: ["a"] })]);
    requireCommon([named("x", { q1: ["a"] })]);
  });

  it("names the run that shares no query with the others, and one of its queries", () => {
    const runs = [named("x", { q1: ["a"] }), named("y", { q1: ["a"] }), named("z", { q3: ["a"] })];
    expect(() => requireCommon(runs)).toThrow("z: has no query in common with x, y: q3 is in none");
  });

  it("names the run that shares no document", () => {
    const runs = [named("x", { q1: ["a"] }), named("y", { q1: ["b"] })];
    expect(() => requireCommon(runs)).toThrow("x: has no document in common with y: a is in none (give runs over one");
  });
});
