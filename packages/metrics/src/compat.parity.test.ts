import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { qrelsOf, runOf } from "../test/trec-files.ts";
import { evaluate } from "./index.ts";

const path = (name: string) => fileURLToPath(new URL(`../test/oracle/${name}`, import.meta.url));
const json = (name: string) => JSON.parse(readFileSync(path(name), "utf8"));
const qrels = qrelsOf(path("qrels.txt"));
const run = runOf(path("run.txt"));

describe("compat trec_eval-9", () => {
  const expected = json("pytrec-eval.json");
  const withLevel = (name: string, level: number) =>
    level === 1 || /^nDCG/.test(name) ? name : name.replace(/^\w+/, `$&(rel=${level})`);

  it.each([1, 2])("gives pytrec_eval's values for every query and measure at relevance level %i", (level) => {
    const values = expected[`rel=${level}`] as Record<string, Record<string, number>>;
    const names = Object.keys(values.ties!);
    expect(names).toHaveLength(16);
    const measures = names.map((name) => withLevel(name, level));
    const { perQuery, mean } = evaluate(qrels, run, measures, { compat: "trec_eval-9", queries: "answered" });
    expect([...perQuery.keys()].sort()).toEqual(Object.keys(values).sort());
    for (const [query, of] of Object.entries(values))
      for (const name of names)
        expect(perQuery.get(query)![withLevel(name, level)], `${name} of ${query}`).toBeCloseTo(of[name]!, 14);
    for (const name of names) {
      const all = Object.values(values).map((of) => of[name]!);
      expect(mean[withLevel(name, level)]).toBeCloseTo(all.reduce((a, b) => a + b) / all.length, 14);
    }
  });

  // Values of trec_eval 9.0.8 and 10.0, both built from source.
  it("takes scores that are equal in single precision for a tie, which trec_eval 10 does not", () => {
    const measures = ["RR", "nDCG@10"];
    const nine = evaluate(qrels, run, measures, { compat: "trec_eval-9" }).perQuery.get("float32")!;
    expect({ RR: nine.RR, nDCG: nine["nDCG@10"]!.toFixed(4) }).toEqual({ RR: 0.5, nDCG: "0.6309" });
    expect(evaluate(qrels, run, measures, { compat: "trec_eval-10" }).perQuery.get("float32")).toEqual({
      RR: 1,
      "nDCG@10": 1,
    });
    expect(evaluate(qrels, run, measures).perQuery.get("float32")).toEqual({ RR: 1, "nDCG@10": 1 });
  });
});

describe("compat msmarco", () => {
  it("gives the values of MS MARCO's script: the given order, over all queries with judgments", () => {
    const expected = json("msmarco.json");
    const { perQuery, mean } = evaluate(qrels, run, ["RR@10"], { compat: "msmarco" });
    expect(Object.fromEntries([...perQuery].map(([query, values]) => [query, values["RR@10"]]))).toEqual({
      ...expected.perQuery,
      unanswered: 0,
    });
    expect(mean["RR@10"]).toBeCloseTo(expected["RR@10"], 14);
  });
});

describe("compat beir", () => {
  it("gives beir's means, which it rounds to 5 digits: no self-hits, MRR over all queries and the rest over the answered", () => {
    const expected = json("beir.json").mean as Record<string, number>;
    const ours = (name: string) =>
      name.replace("NDCG", "nDCG").replace("MAP", "AP").replace("Recall", "R").replace("MRR", "RR");
    const { mean } = evaluate(qrels, run, Object.keys(expected), { compat: "beir" });
    for (const [name, value] of Object.entries(expected))
      expect(mean[ours(name)]!.toFixed(5), name).toBe(value.toFixed(5));
  });

  it("leaves out the document that is the query itself, which the others rank", () => {
    const first = (compat: "beir" | "trec_eval-10") =>
      evaluate(qrels, run, ["P@1"], { compat }).perQuery.get("self")!["P@1"];
    expect([first("beir"), first("trec_eval-10")]).toEqual([1, 0]);
  });
});
