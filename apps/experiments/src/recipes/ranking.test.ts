import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runRow } from "../run-experiment.ts";
import { TOY_RANKING, toyExperiment, toySystem, writeToyData } from "../testing/toy.ts";
import { RANKING_SYSTEMS } from "./objectives.ts";
import { rankingPlan } from "./ranking.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "experiments-"));
  writeToyData(join(folder, "data"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("rankingPlan", () => {
  it("takes a system from pre-training to its numbers", { timeout: 120_000 }, async () => {
    const systems = RANKING_SYSTEMS.filter(({ system }) => system === "PROP").map(toySystem);
    const row = toyExperiment((context) => rankingPlan({ context, settings: TOY_RANKING }, { systems }), TOY_RANKING);
    const { cells, curves } = await runRow(row, {
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
  });
});
