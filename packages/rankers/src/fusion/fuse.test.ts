import { readFileSync } from "node:fs";
import { evaluate, type Qrels, type Run } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { type FusionOptions, fuseRuns } from "./fuse.ts";
import { interpolate } from "./interpolate.ts";

type Scores = Record<string, Record<string, number>>;

const runOf = (queries: Scores): Run =>
  new Map(
    Object.entries(queries).map(([queryId, scores]) => [
      queryId,
      Object.entries(scores).map(([documentId, score]) => ({ documentId, score })),
    ]),
  );
const ids = (run: Run, queryId = "q") => run.get(queryId)!.map(({ documentId }) => documentId);

describe("fuseRuns by reciprocal ranks", () => {
  const first = runOf({ q: { a: 9, b: 8, c: 7 }, onlyFirst: { a: 2, b: 3 } });
  const second = runOf({ q: { c: 0.3, d: 0.2, a: 0.1 } });

  it("adds 1 / (60 + rank), and nothing where a run lacks the document", () => {
    const fused = fuseRuns([first, second]).get("q")!;
    expect(fused).toEqual([
      { documentId: "c", score: 1 / 63 + 1 / 61 },
      { documentId: "a", score: 1 / 61 + 1 / 63 },
      { documentId: "d", score: 1 / 62 },
      { documentId: "b", score: 1 / 62 },
    ]);
  });

  it("takes any number of runs, weights, another k, and a depth", () => {
    expect(ids(fuseRuns([first, second, second], { k: 1 }))).toEqual(["c", "a", "d", "b"]);
    expect(ids(fuseRuns([first, second], { weights: [3, 1] }))).toEqual(["a", "c", "b", "d"]);
    expect(ids(fuseRuns([first, second], { weights: [1, 0], depth: 2 }))).toEqual(["a", "b"]);
    expect(fuseRuns([first], { k: 0 }).get("q")![1]!.score).toBe(1 / 2);
  });

  it("keeps queries that one run answers, and does not change what it is given", () => {
    const before = structuredClone([first, second]);
    expect(ids(fuseRuns([second, first]), "onlyFirst")).toEqual(["b", "a"]);
    expect([first, second]).toEqual(before);
  });

  it("ranks equal scores as evaluation does, whatever order the lines have", () => {
    const tied = runOf({ q: { a: 1, c: 1, b: 1 } });
    expect(fuseRuns([tied]).get("q")).toEqual(
      ["c", "b", "a"].map((documentId, i) => ({ documentId, score: 1 / (61 + i) })),
    );
  });
});

describe("fuseRuns by scores", () => {
  const first = runOf({ q: { a: 30, b: 20, c: 10 }, onlyFirst: { a: 3, b: 1 } });
  const second = runOf({ q: { c: 0.9, b: 0.4, d: -0.1 } });

  it.each([
    { method: "linear", weights: [0.25, 0.75] },
    { method: "linear", weights: [0.25, 0.75], missing: "drop" },
    { method: "linear", weights: [0.25, 0.75], normalization: "zScore" },
    { method: "linear", weights: [0.25, 0.75], normalization: "none" },
  ] satisfies FusionOptions[])("of two runs is their interpolation: %j", (options) => {
    const { weights, method: _, ...rest } = options;
    expect(fuseRuns([first, second], options)).toEqual(interpolate(first, second, weights[0]!, rest));
  });

  it("weighs runs alike by default", () => {
    expect(fuseRuns([first, second], { method: "linear" })).toEqual(interpolate(first, second, 0.5));
  });

  it("drops what any answering run lacks when asked to", () => {
    expect(ids(fuseRuns([first, second, first], { method: "linear", missing: "drop" }))).toEqual(["b", "c"]);
    expect(ids(fuseRuns([first, second], { method: "linear", missing: "drop" }), "onlyFirst")).toEqual(["a", "b"]);
  });

  it("lets the runs that answer a query share the whole weight", () => {
    const fused = fuseRuns([first, second], { method: "linear", weights: [0, 1] });
    expect(fused.get("onlyFirst")).toEqual(runOf({ q: { a: 1, b: 0 } }).get("q"));
  });
});

describe("fuseRuns", () => {
  const run = runOf({ q: { a: 1 } });
  it.each([
    [[], {}, "NO_RUN"],
    [[run, run], { weights: [1] }, "WEIGHT_RANGE"],
    [[run, run], { weights: [1, -1] }, "WEIGHT_RANGE"],
    [[run, run], { weights: [1, Number.NaN] }, "WEIGHT_RANGE"],
    [[run, run], { weights: [0, 0] }, "WEIGHT_RANGE"],
    [[run], { k: -1 }, "FUSION_OPTION"],
    [[run], { depth: 0 }, "FUSION_OPTION"],
    [[run], { method: "linear", depth: 1.5 }, "FUSION_OPTION"],
  ] satisfies [Run[], FusionOptions, string][])("refuses %#", (runs, options, code) => {
    expect(() => fuseRuns(runs, options)).toThrow(expect.objectContaining({ code }));
  });

  const oracle: { runs: Scores[]; qrels: Scores } & Record<
    string,
    { scores: Scores; "nDCG@10": Record<string, number> }
  > = JSON.parse(readFileSync(new URL("../../test/oracle/fusion.json", import.meta.url), "utf8"));
  it.each([
    ["rrf", {}],
    ["rrf, k 5", { k: 5 }],
    ["linear", { method: "linear", weights: [0.5, 0.2, 0.3] }],
  ] satisfies [string, FusionOptions][])("gives ranx's scores and pytrec_eval's nDCG: %s", (name, options) => {
    const { scores, "nDCG@10": expected } = oracle[name]!;
    const fused = fuseRuns(oracle.runs.map(runOf), options);
    const qrels: Qrels = new Map(
      Object.entries(oracle.qrels).map(([id, grades]) => [id, new Map(Object.entries(grades))]),
    );
    const { perQuery } = evaluate(qrels, fused, ["nDCG@10"]);
    for (const [queryId, documents] of fused) {
      expect(documents.length).toBe(Object.keys(scores[queryId]!).length);
      for (const { documentId, score } of documents) expect(score).toBeCloseTo(scores[queryId]![documentId]!, 9);
      expect(perQuery.get(queryId)!["nDCG@10"]).toBeCloseTo(expected[queryId]!, 9);
    }
  });
});
