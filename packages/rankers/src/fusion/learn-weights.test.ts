import { seeded } from "@propria/base";
import { evaluate, type Qrels, type Run } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { chooseWeight } from "./choose-weight.ts";
import { fuseRuns } from "./fuse.ts";
import { learnWeights } from "./learn-weights.ts";

const queries = Array.from({ length: 12 }, (_, i) => `q${i}`);
const ids = Array.from({ length: 20 }, (_, i) => `d${i}`);
const qrels: Qrels = new Map(
  queries.map((queryId, q) => [queryId, new Map(ids.slice(q % 5, (q % 5) + 4).map((id, i) => [id, 1 + (i % 2)]))]),
);
/** A run that scores what is relevant higher by `signal`, in noise. */
const noisy = (seed: number, signal: number): Run =>
  new Map(
    queries.map((queryId) => {
      const random = seeded(seed, "run", queryId);
      const score = (id: string) => random() + (qrels.get(queryId)!.has(id) ? signal : 0);
      return [queryId, ids.map((documentId) => ({ documentId, score: score(documentId) }))];
    }),
  );
const runs = [noisy(1, 0.2), noisy(2, 0.3), noisy(3, 0)];
const ndcg = (run: Run) => evaluate(qrels, run, ["nDCG@10"]).mean["nDCG@10"]!;

describe("learnWeights", () => {
  it.each(["rrf", "linear"] as const)("%s: is no worse than equal weights and than each run alone", (method) => {
    const { weights, value, equal, alone } = learnWeights(runs, qrels, "nDCG@10", { method });
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(value).toBe(ndcg(fuseRuns(runs, { method, weights })));
    expect(equal).toBeCloseTo(ndcg(fuseRuns(runs, { method })), 12);
    expect(value).toBeGreaterThan(equal);
    expect(alone).toEqual(runs.map((run) => ndcg(fuseRuns([run], { method }))));
    expect(value).toBeGreaterThanOrEqual(Math.max(...alone));
  });

  it("gives a run of noise little", () => {
    const { weights } = learnWeights(runs, qrels, "nDCG@10", { method: "linear" });
    expect(weights[2]).toBeLessThan(Math.min(weights[0]!, weights[1]!));
  });

  it("of two runs is as good as the best weight of a grid", () => {
    const [first, second] = runs as [Run, Run];
    const learnt = learnWeights([first, second], qrels, "nDCG@10", { method: "linear" });
    expect(learnt.value).toBeCloseTo(chooseWeight(first, second, qrels, "nDCG@10").value, 12);
  });

  it("gives the same weights again", () => {
    const learn = () => learnWeights(runs, qrels, "nDCG@10", { method: "linear", step: 0.1 });
    expect(learn()).toEqual(learn());
  });

  it("measures the fused lists as deep as they are kept", () => {
    const one = learnWeights(runs, qrels, "R@10", { method: "linear", depth: 1 });
    const ten = learnWeights(runs, qrels, "R@10", { method: "linear", depth: 10 });
    expect(one.value).toBeLessThan(ten.value);
  });

  it.each([
    ["NO_RUN", () => learnWeights(runs.slice(1, 2), qrels, "nDCG@10")],
    ["WEIGHT_RANGE", () => learnWeights(runs, qrels, "nDCG@10", { step: 0 })],
    ["FUSION_OPTION", () => learnWeights(runs, qrels, "nDCG@10", { method: "linear", depth: 0 })],
    ["MEASURE", () => learnWeights(runs, qrels, "nothing")],
  ])("refuses with %s", (code, learn) => {
    expect(learn).toThrow(expect.objectContaining({ code }));
  });
});
