import { describe, expect, it } from "vitest";
import { evaluate, type Qrels, type Run } from "./index.ts";

const qrels = (judgments: Record<string, Record<string, number>>): Qrels =>
  new Map(Object.entries(judgments).map(([query, of]) => [query, new Map(Object.entries(of))]));
/** Best first. */
const run = (answers: Record<string, string[]>): Run =>
  new Map(
    Object.entries(answers).map(([query, ids]) => [query, ids.map((documentId, i) => ({ documentId, score: -i }))]),
  );

describe("evaluate", () => {
  // Gains (0, 3, 1) of judged {3, 2, 1}: 2.39279 / 4.76186, and 0.52343 with exponential gains.
  it("gives the worked example of nDCG, with either gain", () => {
    const { mean } = evaluate(qrels({ q: { a: 3, b: 2, c: 1 } }), run({ q: ["x", "a", "c"] }), [
      "nDCG@3",
      "nDCG(dcg=exp-log2)@3",
    ]);
    expect(mean["nDCG@3"]).toBeCloseTo(2.39279 / 4.76186, 5);
    expect(mean["nDCG(dcg=exp-log2)@3"]).toBeCloseTo(0.52343, 5);
  });

  it("divides P by the cutoff where fewer documents came, and R by all relevant ones", () => {
    const { mean } = evaluate(qrels({ q: { a: 1, b: 1, c: 1, d: 0 } }), run({ q: ["a", "d"] }), [
      "P@10",
      "R@10",
      "Judged@10",
    ]);
    expect(mean).toEqual({ "P@10": 0.1, "R@10": 1 / 3, "Judged@10": 1 });
  });

  it("moves only the binary measures with the relevance level", () => {
    const { mean } = evaluate(qrels({ q: { a: 1, b: 2 } }), run({ q: ["a", "b"] }), [
      "RR",
      "RR(rel=2)",
      "R(rel=2)@1",
      "AP(rel=2)",
      "Success(rel=2)@1",
    ]);
    expect(mean).toEqual({ RR: 1, "RR(rel=2)": 0.5, "R(rel=2)@1": 0, "AP(rel=2)": 0.5, "Success(rel=2)@1": 0 });
  });

  it("gives 0 to a judged query that the run does not answer, and leaves it out of the mean on demand", () => {
    const judged = qrels({ q1: { a: 1 }, q2: { b: 1 } });
    const answers = run({ q1: ["a"], other: ["z"] });
    const complete = evaluate(judged, answers, ["RR"]);
    expect([...complete.perQuery]).toEqual([
      ["q1", { RR: 1 }],
      ["q2", { RR: 0 }],
    ]);
    expect(complete.mean).toEqual({ RR: 0.5 });
    expect(complete.queries).toEqual({ judged: 2, answered: 1, unjudged: 1 });
    const answered = evaluate(judged, answers, ["RR"], { queries: "answered" });
    expect([[...answered.perQuery.keys()], answered.mean]).toEqual([["q1"], { RR: 1 }]);
  });

  it("gives 0 to an empty run, and to a query without relevant documents", () => {
    const measures = ["nDCG", "RR@10", "AP", "P@5", "R@5", "Success@5", "Judged"];
    const zeros = Object.fromEntries(measures.map((name) => [name, 0]));
    expect(evaluate(qrels({ q: { a: 1 } }), new Map(), measures).mean).toEqual(zeros);
    expect(evaluate(qrels({ q: { a: 1 } }), new Map(), measures, { queries: "answered" }).mean).toEqual(zeros);
    expect(evaluate(qrels({ q: { a: 1 } }), run({ q: [] }), measures).mean).toEqual(zeros);
    expect(evaluate(qrels({ q: { a: 0 } }), run({ q: ["a"] }), measures).mean).toEqual({ ...zeros, Judged: 1 });
  });

  it("names aliases canonically and computes a measure asked for twice once", () => {
    expect(evaluate(qrels({ q: { a: 1 } }), run({ q: ["a"] }), ["MRR@10", "RR@10", "map"]).measures).toEqual([
      "RR@10",
      "AP",
    ]);
  });

  it("leaves what it was given as it was", () => {
    const answers = run({ q: ["a", "b"] });
    answers.get("q")!.reverse();
    const copy = structuredClone(answers);
    evaluate(qrels({ q: { a: 1 } }), answers, ["RR"], { compat: "beir" });
    expect(answers).toEqual(copy);
  });

  it.each([
    ["a document twice", run({ q: ["a", "b", "a"] }), 'query "q": document "a" is there twice', "RUN_DUPLICATE"],
    [
      "a score that is no number",
      new Map([["q", [{ documentId: "a", score: Number.NaN }]]]),
      'query "q": the score of document "a" is no number',
      "RUN_SCORE",
    ],
    [
      "only queries without judgments",
      run({ p: ["a"] }),
      "none of the run's queries has judgments (take the run and the qrels of one collection and split)",
      "NO_QUERIES",
    ],
  ])("refuses a run with %s", (_, answers, message, code) => {
    const judge = () => evaluate(qrels({ q: { a: 1 } }), answers, ["RR"]);
    expect(judge).toThrow(message);
    expect(judge).toThrow(expect.objectContaining({ code }));
  });

  it("refuses empty qrels", () => {
    expect(() => evaluate(new Map(), run({ q: ["a"] }), ["RR"])).toThrow("the qrels are empty");
  });
});
