import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Experiment } from "../experiment.ts";
import { judged } from "../report/expectations.ts";
import type { ExperimentResult } from "../results/result.ts";
import { adapterGradients, gradientsPlan } from "../rows/adapter-gradients.ts";
import { adapterLearningRates, ratesPlan } from "../rows/adapter-learning-rates.ts";
import { adapterLoss, lossPlan } from "../rows/adapter-loss.ts";
import { petRetrieval } from "../rows/pet.ts";
import { runRow } from "../run-experiment.ts";
import type { AdapterGradients } from "../steps/adapter-gradients.ts";
import { TOY_RANKING, TOY_SETTINGS, toyExperiment, writeToyData, writeToyModel } from "../testing/toy.ts";
import { METHODS } from "./adapter-settings.ts";
import { rankingByMethods, retrievalByMethods } from "./adapters.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "experiments-"));
  writeToyData(join(folder, "data"));
  await writeToyModel(join(folder, "model"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = { model: "minilm", name: "toy" };
const adapterRate = 1e-2;
const { finetune } = TOY_SETTINGS;
const retrieval = {
  ...{ ...TOY_SETTINGS, start, adapterRate },
  finetune: { ...finetune, stages: finetune.stages.slice(0, 1) },
};
const ranking = { ...TOY_RANKING, start, adapterRate };
const methodsOf = (...names: string[]) => METHODS.filter(({ system }) => names.includes(system));
const methods = methodsOf("full fine-tuning", "LoRA 0.5 %", "IAA-L 0.5 %");

/** Runs a plan over the toy. */
const run = (name: string, plan: Experiment["plan"], settings: { measures: readonly string[] } = ranking) =>
  runRow(toyExperiment(plan, settings), {
    ...{ data: join(folder, "data"), work: join(folder, "work"), results: join(folder, name) },
    minilm: join(folder, "model"),
    ...{ date: "2026-11-28", threads: 1 },
  });
const placesOf = ({ cells }: ExperimentResult) => cells.map(({ system, stage }) => `${system}: ${stage}`);

describe("METHODS", () => {
  it("are those of the thesis' tables, and full fine-tuning", () => {
    expect(METHODS.map(({ system }) => system)).toEqual([
      ...["full fine-tuning", "BitFit 0.09 %", "Prefix 0.5 %", "Adapter 0.5 %", "LoRA 0.5 %", "MAM 0.5 %"],
      ...["IAA-S 0.5 %", "IAA-L 0.5 %", "IAA-M 0.5 %", "Prefix 3.6 %", "Adapter 6.7 %", "LoRA 6.7 %", "MAM 6.7 %"],
      ...["IAA-S 6.7 %", "IAA-L 6.7 %", "IAA-M 6.7 %"],
    ]);
  });
});

describe("retrievalByMethods", () => {
  it("fine-tunes one start by each method, and counts what each trains", { timeout: 120_000 }, async () => {
    const result = await run("retrieval", (context) => retrievalByMethods(context, retrieval, methods), retrieval);
    expect(placesOf(result)).toEqual([
      ...["BM25: any", "without fine-tuning: without fine-tuning", "full fine-tuning: BM25 negatives"],
      ...["LoRA 0.5 %: BM25 negatives", "IAA-L 0.5 %: BM25 negatives"],
    ]);
    const { tables } = petRetrieval.draw!(result.findings, result);
    expect(tables[0]!.rows.map(({ name }) => name)).toEqual(["LoRA 0.5 %", "IAA-L 0.5 %"]);
  });
});

describe("rankingByMethods", () => {
  it("fine-tunes with an adapter where others are fine-tuned, and in folds", { timeout: 120_000 }, async () => {
    const sets = [...ranking.sets, { collection: "toy", test: "train", folds: 3 }];
    const settings = { ...ranking, sets };
    const iaa = methodsOf("IAA-L 0.5 %");
    const result = await run("ranking", (context) => rankingByMethods(context, settings, iaa));
    const tuned = result.cells.filter(({ stage }) => stage === "fine-tuned");
    expect(tuned.map(({ system, split, queries }) => [system, split, queries.count])).toEqual([
      ["IAA-L 0.5 %", "test", 4],
      ["IAA-L 0.5 %", "train", 4],
    ]);
  });
});

describe("the rows of figures", () => {
  it("measure each method at each rate", { timeout: 120_000 }, async () => {
    const settings = { ...ranking, queries: 2 };
    const rates = [2e-5, 1e-4];
    const result = await run("rates", (context) => ratesPlan({ context, settings }, methodsOf("Adapter 0.5 %"), rates));
    expect(placesOf(result).slice(2)).toEqual(["Adapter 0.5 %: 2e-5", "Adapter 0.5 %: 1e-4"]);
    expect(adapterLearningRates.draw!([], result).tables[0]!.rows).toHaveLength(6);
  });

  it("compare the losses of two methods that train as much", { timeout: 120_000 }, async () => {
    const result = await run("loss", (context) => lossPlan(context, { "re-ranking": ranking, retrieval }));
    const { charts, tables } = adapterLoss.draw!(result.findings, result);
    expect(charts.map(({ title }) => title.text)).toEqual(["re-ranking, seed 1: loss", "retrieval, seed 1: loss"]);
    expect(tables[0]!.rows.map(({ name }) => name)).toEqual([
      ...["Adapter, re-ranking", "IAA-L, re-ranking", "Adapter, retrieval", "IAA-L, retrieval"],
    ]);
    for (const { outcomes } of judged(adapterLoss, result)) expect(outcomes).toHaveLength(1);
  });

  it("find the gradient of scattered adapters gone with the weights above, and that beside them there", {
    timeout: 120_000,
  }, async () => {
    const pairs = { split: "train", batches: 2, batch: 1, queryTokens: 16, maxTokens: 32 };
    const result = await run("gradients", (context) => gradientsPlan({ context, settings: ranking }, pairs));
    const large = "N(0, 0.2²)";
    const named = `IAA-L, ${large}, frozen × 1`;
    const { modules } = result.findings.find(({ name }) => name === named)!.value as AdapterGradients;
    const layer = (number: number) => `bert.encoder.layer.${number}`;
    expect(modules.map(({ path, kind, layer }) => [path, kind, layer])).toEqual([
      ...[0, 1].flatMap((i) => ["attention", "output"].map((part) => [`${layer(i)}.${part}`, "inside", i])),
      ...[0, 1].map((i) => [layer(i), "aside", i]),
    ]);
    const claims = judged(adapterGradients, result);
    for (const { claim, outcomes } of claims) expect(outcomes, claim).toHaveLength(1);
    const { charts, tables } = adapterGradients.draw!(result.findings, result);
    expect(charts).toHaveLength(6);
    const left = Object.fromEntries(tables[0]!.rows.map(({ name, cells }) => [name, Number(cells.at(-1)!.text)]));
    expect(left[`Adapter, ${large}, inside`]).toBeLessThan(1e-3);
    for (const system of ["IAA-S", "IAA-L"])
      for (const kind of ["inside", "aside"]) expect(left[`${system}, ${large}, ${kind}`]).toBeGreaterThan(0.1);
    expect(left[`IAA-M, ${large}, inside`]).toBeLessThan(1e-3); // one bypass joins nothing in between
  });
});
