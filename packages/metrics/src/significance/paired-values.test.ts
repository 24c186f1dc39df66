import { describe, expect, it } from "vitest";
import { evaluate, pairedValues, type Run } from "../index.ts";

describe("pairedValues", () => {
  const qrels = new Map(["q1", "q2"].map((id) => [id, new Map([["a", 1]])]));
  const run = (...ids: string[]): Run => new Map(ids.map((id) => [id, [{ documentId: "a", score: 1 }]]));

  it("lines up the values of two runs by query", () => {
    const [one, other] = [evaluate(qrels, run("q1"), ["RR"]), evaluate(qrels, run("q2", "q1"), ["RR"])];
    expect(pairedValues(one, other, "RR")).toEqual({ a: [1, 0], b: [1, 1] });
  });

  it("refuses runs with values for other queries, and a measure that is not there", () => {
    const only = (id: string) => evaluate(qrels, run(id), ["RR"], { queries: "answered" });
    expect(() => pairedValues(only("q1"), only("q2"), "RR")).toThrow('RR of query "q1" is there for one run only');
    expect(() => pairedValues(only("q1"), evaluate(qrels, run("q1"), ["RR"]), "RR")).toThrow(
      "one run has 1 queries and the other 2",
    );
    expect(() => pairedValues(only("q1"), only("q1"), "AP")).toThrow(expect.objectContaining({ code: "PAIRS" }));
  });
});
