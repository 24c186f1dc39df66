import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lowResourcePlan } from "../rows/ranking-low-resource.ts";
import { ropStepsPlan } from "../rows/rop-steps.ts";
import { runRow } from "../run-experiment.ts";
import { decodedMassStep } from "../steps/decoded-mass.ts";
import { embeddingMapStep } from "../steps/embedding-map.ts";
import { TOY_RANKING, TOY_SETTINGS, toyExperiment, toySystem, writeToyData } from "../testing/toy.ts";
import { RANKING_SYSTEMS, RETRIEVAL_SYSTEMS } from "./objectives.ts";
import { pretrained } from "./pretraining.ts";
import { rankingPlan } from "./ranking.ts";
import { modelAfter, retrievalPlan, type Setting } from "./retrieval.ts";
import { STAGE } from "./settings.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "experiments-"));
  writeToyData(join(folder, "data"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SIZE = { steps: 2, rows: 4, maxTokens: 128, learningRate: 1e-3 };
const settings = {
  ...TOY_SETTINGS,
  start: { config: "tiny", vocabulary: { size: 150 }, pieceVectors: { window: 2, epochs: 1 }, base: SIZE },
  further: { ...SIZE, chunkRows: 2 },
} as const;

const systems = RETRIEVAL_SYSTEMS.map(toySystem);
const systemOf = (name: string) => systems.find(({ system }) => system === name)!;

describe("retrievalPlan", () => {
  it("takes every system from pre-training to its numbers, and the findings beside them", async () => {
    const row = toyExperiment((context) => {
      const setting: Setting = { context, settings, seed: 1 };
      const toy = context.data("toy");
      const decoded = decodedMassStep("toy", pretrained(setting, systemOf("CPDAE")), toy, { top: 3, maxTokens: 64 });
      const map = embeddingMapStep("toy", modelAfter(setting, systemOf("COSTA"), STAGE.mined), toy, {
        ...{ split: "test", seed: 1, encoding: {} },
      });
      const findings = [
        { name: "decoded mass", seed: 1, step: decoded },
        { name: "map", seed: 1, step: map },
      ];
      return { ...retrievalPlan(context, settings, { systems, bm25: true }), findings };
    });
    const { cells, findings, curves } = await runRow(row, {
      ...{ data: join(folder, "data"), work: join(folder, "work"), results: join(folder, "results") },
      date: "2026-11-24",
    });
    expect(cells).toHaveLength(1 + systems.length * 3);
    expect(curves).toHaveLength(systems.length * 3);
    expect(findings[0]!.value).toMatchObject({ stopWords: expect.any(Number), topWords: expect.any(Number) });
    expect(findings[1]!.value).toMatchObject({ ofAll: { queries: 4 }, queryId: "q4" });
  });
});

describe("rankingPlan", () => {
  it("takes every system from pre-training to its numbers", async () => {
    const systems = RANKING_SYSTEMS.map(toySystem);
    const sets = [...TOY_RANKING.sets, { collection: "toy", test: "train", folds: 3 }];
    const row = toyExperiment(
      (context) =>
        rankingPlan({ context, settings: { ...TOY_RANKING, sets } }, { systems, interaction: true, startAs: "start" }),
      TOY_RANKING,
    );
    const { cells, curves } = await runRow(row, {
      ...{ data: join(folder, "data"), work: join(folder, "work"), results: join(folder, "results") },
      ...{ date: "2026-11-28", seeds: [1, 2] },
    });
    const named = (stage: string) =>
      cells
        .filter((cell) => cell.stage === stage && cell.split === "test")
        .map(({ system, seed }) => `${system} ${seed}`);
    expect(named("any")).toEqual(["QL 0", "BM25 0"]);
    expect(named("without fine-tuning")).toEqual([
      ...["random order 1", "random order 2", "PROP 0", "PROP_random 0", "B-PROP 0"],
    ]);
    const tuned = ["DRMM", "Conv-KNRM", "start", ...systems.map(({ system }) => system)];
    expect(named("fine-tuned")).toEqual(tuned.flatMap((system) => [`${system} 1`, `${system} 2`]));
    const folded = cells.filter(({ stage, split }) => stage === "fine-tuned" && split === "train");
    expect(folded.map(({ system, seed }) => `${system} ${seed}`)).toEqual(named("fine-tuned"));
    for (const { queries } of folded) expect(queries.count).toBe(4);
    expect(curves.filter(({ stage }) => stage === "pre-training")).toHaveLength(systems.length);
  });
});

describe("the rows along an axis", () => {
  const options = (results: string) => ({
    ...{ data: join(folder, "data"), work: join(folder, "work"), results: join(folder, results) },
    date: "2026-11-28",
  });
  const systemsOf = (names: readonly string[]) =>
    RANKING_SYSTEMS.filter(({ system }) => names.includes(system)).map(toySystem);
  const placesOf = (cells: readonly { system: string; stage: string }[]) =>
    cells.filter(({ stage }) => stage !== STAGE.any).map(({ system, stage }) => `${system}: ${stage}`);

  it("fine-tune on no query, few, and all", async () => {
    const few = [{ queries: 2, epochs: 1 }];
    const row = toyExperiment(
      (context) => lowResourcePlan({ context, settings: TOY_RANKING }, systemsOf(["MLM", "PROP"]), few),
      TOY_RANKING,
    );
    const { cells } = await runRow(row, options("queries"));
    expect(placesOf(cells)).toEqual([
      ...["MLM: no query", "MLM: 2 queries", "MLM: all queries"],
      ...["PROP: no query", "PROP: 2 queries", "PROP: all queries"],
    ]);
  });

  it("pre-train for no step, and for more", async () => {
    const row = toyExperiment(
      (context) => ropStepsPlan({ context, settings: TOY_RANKING }, systemsOf(["PROP"])[0]!, [1, 2]),
      TOY_RANKING,
    );
    const { cells } = await runRow(row, options("steps"));
    expect(placesOf(cells)).toEqual([
      ...["PROP, without fine-tuning: no step", "PROP, fine-tuned: no step"],
      ...["PROP, without fine-tuning: 1 steps", "PROP, fine-tuned: 1 steps"],
      ...["PROP, without fine-tuning: 2 steps", "PROP, fine-tuned: 2 steps"],
    ]);
  });
});
