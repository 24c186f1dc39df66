import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RetrievalSettings } from "./recipes/settings.ts";
import { type ExperimentProgress, type RunOptions, runExperiment, runRow } from "./run-experiment.ts";
import { retrievalToy, TOY_SETTINGS, toyExperiment, writeToyData } from "./testing/toy.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "experiments-"));
  writeToyData(join(folder, "data"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the toy; gives the results and the names of the steps that were run, not kept. */
async function run(settings: RetrievalSettings = TOY_SETTINGS, more: Partial<RunOptions> = {}) {
  const made: string[] = [];
  const onProgress = (event: ExperimentProgress) => {
    more.onProgress?.(event);
    if (event.state === "done") made.push(event.name);
  };
  const result = await runRow(toyExperiment(retrievalToy(settings)), {
    data: join(folder, "data"),
    work: join(folder, "work"),
    results: join(folder, "results"),
    date: "2026-11-24",
    threads: 1,
    ...more,
    onProgress,
  });
  return { result, made };
}

describe("runExperiment", () => {
  it("runs every stage of a row, keeps each step, and makes again only what a setting changes", {
    timeout: 120_000,
  }, async () => {
    // Ctrl-C in the middle of the first fine-tuning
    const controller = new AbortController();
    const stopped = run(TOY_SETTINGS, {
      signal: controller.signal,
      onProgress: ({ name, state }) => {
        if (name.startsWith("fine-tuning") && state === "running") controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(
      /^fine-tuning tiny \+ MLM, BM25 negatives, seed 1: stopped; what is finished is kept \(run the experiment again to go on\)$/,
    );

    const first = await run();
    expect(first.made.some((name) => name.startsWith("vocabulary"))).toBe(false); // kept from the stopped run
    expect(first.made.filter((name) => name.startsWith("fine-tuning"))).toHaveLength(4);
    const stages = new Set(first.result.cells.map(({ stage }) => stage));
    expect([...stages]).toEqual(["any", "without fine-tuning", "BM25 negatives", "mined negatives"]);
    expect(first.result.cells).toHaveLength(1 + 2 * 3 + 1); // BM25; three stages of two systems; a fusion
    for (const { measures, perQuery, queries } of first.result.cells) {
      expect(Object.keys(measures)).toEqual(["nDCG@10", "R@5"]);
      expect(perQuery["nDCG@10"]).toHaveLength(queries.count);
      const mean = perQuery["nDCG@10"]!.reduce((a, b) => a + b, 0) / queries.count / 10_000;
      expect(mean).toBeCloseTo(measures["nDCG@10"]!, 3);
    }
    expect(first.result.curves.map(({ stage }) => stage)).toContain("pre-training");

    const path = join(folder, "results", "toy.json");
    const written = readFileSync(path, "utf8");
    const second = await run(TOY_SETTINGS, { date: "2027-01-01" });
    expect(second.made).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe(written); // the same numbers keep their date

    const { finetune } = TOY_SETTINGS;
    const deeper = await run({ ...TOY_SETTINGS, finetune: { ...finetune, mineDepth: 5 } });
    expect(deeper.made.every((name) => /mined negatives|mining/.test(name))).toBe(true);
    expect(deeper.made).not.toEqual([]);
  });

  it("runs some systems alone and leaves the others' numbers where they are", { timeout: 60_000 }, async () => {
    const { result, made } = await run(TOY_SETTINGS, { only: ["BM25"], results: join(folder, "some") });
    expect(result.cells.map(({ system }) => system)).toEqual(["BM25"]);
    expect(made).toEqual([]);
    await expect(run(TOY_SETTINGS, { only: ["MLN"] })).rejects.toThrow(/no system "MLN" \(did you mean MLM\?\)/);
  });

  it("keeps the numbers of the seeds that are not run", { timeout: 60_000 }, async () => {
    const options = { only: ["BM25", "MLM"], results: join(folder, "seeds") };
    await run(TOY_SETTINGS, { ...options, seeds: [1] });
    const { result } = await run(TOY_SETTINGS, { ...options, seeds: [2] });
    expect([...new Set(result.cells.map(({ seed }) => seed))]).toEqual([0, 1, 2]);
  });

  it("says in one line what is missing", async () => {
    const options = { work: join(folder, "work"), results: join(folder, "none"), date: "2026-11-24" };
    await expect(runExperiment("retreival-own", options)).rejects.toThrow(
      /no experiment is called "retreival-own" \(did you mean retrieval-own\?\)/,
    );
    await expect(runExperiment("retrieval-own", options)).rejects.toThrow(/data: no path for text-en-wikipedia/);
    await expect(runExperiment("retrieval-own", { ...options, data: "nowhere" })).rejects.toThrow(
      /nowhere\/.*: there is no such file or folder/,
    );
    await expect(runExperiment("retrieval-own", { ...options, scale: "full" })).rejects.toThrow(
      /has no scale full \(it has small\)/,
    );
    await expect(runExperiment("retrieval-bert", { ...options, scale: "full" })).rejects.toThrow(/a file of paths/);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});
