import { describe, expect, it } from "vitest";
import { builtInMeasures, defineMeasure, evaluate, measure, parseMeasure } from "./index.ts";

describe("parseMeasure", () => {
  it.each([
    ["nDCG@10", "nDCG@10"],
    ["nDCG", "nDCG"],
    ["ndcg@10", "nDCG@10"],
    ["NDCG@10", "nDCG@10"],
    ["ndcg_cut_10", "nDCG@10"],
    ["MRR@10", "RR@10"],
    ["mrr@10", "RR@10"],
    ["recip_rank", "RR"],
    ["MAP", "AP"],
    ["map", "AP"],
    ["map_cut_100", "AP@100"],
    ["Recall@100", "R@100"],
    ["recall_1000", "R@1000"],
    ["P_5", "P@5"],
    ["success_5", "Success@5"],
    ["P(rel=2)@10", "P(rel=2)@10"],
    ["P( rel = 2 )@10", "P(rel=2)@10"],
    ["P(rel=1)@10", "P@10"],
    ["nDCG(dcg='exp-log2')@20", "nDCG(dcg=exp-log2)@20"],
    ["Judged@10", "Judged@10"],
  ])("reads %s as %s", (text, name) => {
    expect(parseMeasure(text).name).toBe(name);
  });

  it.each([
    ["nDGC@10", 'unknown measure "nDGC" (did you mean nDCG? known: nDCG, RR, AP, P, R, Success, Judged)'],
    ["Precison@10", 'unknown measure "Precison" (did you mean Precision? known: nDCG, RR, AP, P, R, Success, Judged)'],
    ["bananas", 'unknown measure "bananas" (known: nDCG, RR, AP, P, R, Success, Judged)'],
    ["P", "P needs a cutoff (write: P@10)"],
    ["nDCG@0", "the cutoff of nDCG is 0 (a whole number from 1)"],
    ["nDCG@ten", "the cutoff of nDCG is NaN (a whole number from 1)"],
    ["P(level=2)@10", 'P has no parameter "level" (known: rel)'],
    ["P(rell=2)@10", 'P has no parameter "rell" (did you mean rel?)'],
    ["P(rel=two)@10", 'rel of P is "two" (a whole number)'],
    ["nDCG(dcg=exp)@10", 'dcg of nDCG is "exp" (one of log2, exp-log2)'],
    ["nDCG(rel=2)@10", 'nDCG has no parameter "rel" (known: dcg)'],
    ["P(2)@10", '"2" in "P(2)@10" is no parameter (write: P(rel=2)@10)'],
    ["", '"" is no measure (write: nDCG@10 or P(rel=2)@10)'],
  ])("refuses %j", (text, message) => {
    expect(() => parseMeasure(text)).toThrow(expect.objectContaining({ code: "MEASURE", message }));
  });

  it("finds every built-in measure by each of its names, none twice", () => {
    const names = builtInMeasures.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, aliases = [] } of builtInMeasures)
      for (const each of [name, ...aliases]) expect(parseMeasure(`${each}@3`).name).toBe(`${name}@3`);
  });
});

describe("defineMeasure", () => {
  const firstGrade = defineMeasure({
    name: "First",
    cutoff: "optional",
    parameters: { scale: { default: 1, description: "multiplies the grade" } },
    description: "the grade of the first document",
    value: ({ grades }, _cutoff, { scale }) => (grades[0] ?? 0) * scale,
  });
  const qrels = new Map([["q", new Map([["a", 3]])]]);
  const run = new Map([["q", [{ documentId: "a", score: 1 }]]]);

  it("makes a measure that is evaluated beside the built-in ones", () => {
    const doubled = measure(firstGrade, { parameters: { scale: 2 } });
    expect(evaluate(qrels, run, ["RR", doubled]).mean).toEqual({ RR: 1, "First(scale=2)": 6 });
  });

  it("can be read by name", () => {
    expect(parseMeasure("First(scale=3)@5", { definitions: [firstGrade] }).name).toBe("First(scale=3)@5");
  });
});
