import { evaluate, type Run } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import { evaluationJson } from "./json.ts";
import { meanTable, queryTable } from "./tables.ts";

const queries = ["q1", "q2", "q3", "q4"];
const qrels = new Map(queries.map((id) => [id, new Map([["d1", 1]])]));
const ranking = (...documentIds: string[]) => documentIds.map((documentId, i) => ({ documentId, score: -i }));
const run = (...rankings: string[][]): Run =>
  new Map(rankings.map((documentIds, i) => [queries[i]!, ranking(...documentIds)]));
const measured = (name: string, each: Run) => ({ run: name, evaluation: evaluate(qrels, each, ["RR@10", "P@1"]) });

const first = measured("first.run", run(["d2", "d1"], ["d2", "d1"], ["d2", "d1"], ["d2", "d3", "d1"]));
const second = measured("second.run", run(["d1"], ["d1"], ["d1"], ["d1", "d2"]));
const comparisons = [compare("t", second.evaluation, first.evaluation)];

describe("meanTable", () => {
  it("marks what differs from the first run", () => {
    expect(meanTable([first, second], { test: "t", comparisons })).toEqual([
      "run          RR@10       P@1",
      "first.run   0.4583    0.0000",
      "second.run  1.0000**  1.0000**",
      "",
      "* p < 0.05, ** p < 0.01: two-tailed paired t-test against first.run, not corrected for several comparisons",
    ]);
  });

  it("is plain for one run", () => {
    expect(meanTable([first])).toEqual(["run         RR@10     P@1", "first.run  0.4583  0.0000"]);
  });
});

describe("queryTable", () => {
  it("has a line for each run and query", () => {
    expect(queryTable([second])[1]).toBe("second.run  q1     1.0000  1.0000");
    expect(queryTable([first, second])).toHaveLength(9);
  });
});

describe("evaluationJson", () => {
  it("has the measures of each run, its queries when asked, and the test of all but the first", () => {
    expect(evaluationJson([first])).toEqual({
      runs: [{ run: "first.run", measures: { "RR@10": 0.4583333333333333, "P@1": 0 } }],
    });
    const { runs } = evaluationJson([first, second], { perQuery: true, comparisons });
    expect(runs[1]!.queries).toMatchObject({ q4: { "RR@10": 1, "P@1": 1 } });
    expect([runs[0]!.test, runs[1]!.test!["P@1"]]).toEqual([undefined, { p: 0, difference: 1 }]);
  });
});
