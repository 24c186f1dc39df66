import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runRow } from "../run-experiment.ts";
import { READINGS, type TermDistributions, termDistributionStep } from "../steps/term-distribution.ts";
import { TOY_RANKING, toyExperiment, toySystem, writeToyData } from "../testing/toy.ts";
import { RANKING_SYSTEMS } from "./objectives.ts";
import { pretrainedRanker, rankingPlan } from "./ranking.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "experiments-"));
  writeToyData(join(folder, "data"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("rankingPlan", () => {
  it("takes a system from pre-training to its numbers", { timeout: 120_000 }, async () => {
    const systems = RANKING_SYSTEMS.filter(({ system }) => system === "PROP").map(toySystem);
    const row = toyExperiment((context) => {
      const ranking = { context, settings: TOY_RANKING };
      const looked = { text: "Mud of the river, and mud of the sea.", top: 3, documents: 5 };
      const model = pretrainedRanker(ranking, systems[0]!);
      const terms = termDistributionStep("toy", model, context.data("toy"), looked);
      return { ...rankingPlan(ranking, { systems }), findings: [{ name: "terms", seed: 1, step: terms }] };
    }, TOY_RANKING);
    const { cells, curves, findings } = await runRow(row, {
      ...{ data: join(folder, "data"), work: join(folder, "work"), results: join(folder, "results") },
      ...{ date: "2026-11-28", threads: 1 },
    });
    expect(cells.map(({ system, stage, seed }) => [system, stage, seed])).toEqual([
      ["QL", "any", 0],
      ["BM25", "any", 0],
      ["random order", "without fine-tuning", 1],
      ["PROP", "without fine-tuning", 0],
      ["PROP", "fine-tuned", 1],
    ]);
    for (const { measures, queries } of cells) {
      expect(Object.keys(measures)).toEqual(TOY_RANKING.measures);
      expect(queries.count).toBe(4);
    }
    expect(curves.map(({ stage }) => stage)).toEqual(["pre-training", "fine-tuned"]);

    const { documents, means, perDocument, example } = findings[0]!.value as TermDistributions;
    expect(documents).toBe(5);
    for (const reading of READINGS) {
      expect(perDocument[reading].rarity).toHaveLength(5);
      expect(means[reading].relativeEntropy).toBeGreaterThan(0.5);
      expect(means[reading].relativeEntropy).toBeLessThanOrEqual(1);
      expect(example[reading]).toHaveLength(3);
    }
    expect(means["language model"].stopWords).toBe(0);
    expect(example["language model"][0]![0]).toBe("mud");
  });
});
