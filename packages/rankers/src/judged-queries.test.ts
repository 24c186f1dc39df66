import type { Query } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { type JudgedQueries, requireJudged, withPositives } from "./judged-queries.ts";

const qrels: Qrels = new Map([
  ["q1", new Map([["d1", 1]])],
  ["q2", new Map([["d1", 0]])],
]);
const queries: Query[] = ["q2", "q1", "q3"].map((id) => ({ id, text: id }));
const collection: JudgedQueries = { name: "few", queries: () => queries, qrels: async () => qrels };

describe("withPositives", () => {
  it("gives the queries with a relevant document alone", async () => {
    const ids: string[] = [];
    for await (const { id } of withPositives(collection, qrels)) ids.push(id);
    expect(ids).toEqual(["q1"]);
  });
});

describe("requireJudged", () => {
  const at = { name: "few", split: "train" };
  it("passes over queries that are judged without a relevant document", () => {
    expect(() => requireJudged(new Set(["q1"]), qrels, at)).not.toThrow();
  });

  it("names a judged query that the collection lacks, and a split without judgements", () => {
    expect(() => requireJudged(new Set(), qrels, at)).toThrow("few, split train: query q1 is judged but not among");
    expect(() => requireJudged(new Set(), new Map(), at)).toThrow(
      expect.objectContaining({ code: "NO_TRAINING_QUERIES", at: "few, split train" }),
    );
  });
});
