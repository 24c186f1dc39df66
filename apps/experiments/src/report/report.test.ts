import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineExperiment, type Experiment } from "../experiment.ts";
import type { Json } from "../graph/canonical.ts";
import { STAGE } from "../recipes/settings.ts";
import { formatResult, readResult, resultPath, writeResult } from "../results/result-file.ts";
import { embeddingMap } from "../rows/embedding-map.ts";
import { termDistribution } from "../rows/term-distribution.ts";
import { cell, resultWith } from "../testing/results.ts";
import { axisCharts } from "./axis-charts.ts";
import { chart } from "./charts.ts";
import { difference, measured } from "./comparison.ts";
import { judged } from "./expectations.ts";
import { tableLines } from "./markdown.ts";
import { ownTables, publishedTable } from "./tables.ts";
import { reportOf } from "./write-report.ts";

const { bm25, mined, any } = STAGE;

const experiment: Experiment = defineExperiment({
  name: "toy",
  title: "A <toy>",
  reproduces: "a table",
  description: "Numbers made up.",
  published: [
    {
      title: "Table 1",
      source: "a paper",
      columns: ["A", "B"],
      rows: [
        { system: "MLM", values: [0.3, null] },
        { system: "COSTA", values: [0.35, 0.5], marks: ["*", ""] },
      ],
    },
  ],
  seeds: { small: [1] },
  minutes: 1,
  measures: ["nDCG@10"],
  baselines: [{ system: "MLM", mark: "*" }],
  expected: [
    {
      claim: "COSTA is better",
      better: { system: "COSTA", stage: bm25 },
      worse: { system: "MLM", stage: bm25 },
      measure: "nDCG@10",
    },
    {
      claim: "mined negatives are better",
      better: { system: "COSTA", stage: mined },
      worse: { system: "COSTA", stage: bm25 },
      measure: "nDCG@10",
    },
  ],
  plan: () => ({ cells: [] }),
});

const LOW = [3000, 4000, 5000, 2000];
const HIGH = [6000, 7100, 8000, 5000];
const NEAR = [3100, 3900, 5100, 2000];
const result = resultWith(
  [
    cell("BM25", any, "one", [5000, 5000, 5000, 5000], 0),
    ...[cell("MLM", bm25, "one", LOW), cell("COSTA", bm25, "one", HIGH)],
    ...[cell("MLM", bm25, "two", HIGH), cell("COSTA", bm25, "two", LOW)],
    ...[cell("MLM", bm25, "three", LOW), cell("COSTA", bm25, "three", NEAR)],
  ],
  {
    curves: [
      {
        system: "COSTA",
        stage: "pre-training",
        seed: 1,
        parts: {
          loss: [
            [1, 9],
            [10, 5.5],
          ],
        },
      },
    ],
  },
);

describe("ownTables", () => {
  it("has a table for each stage, marks what is significantly better than a baseline, and the best of a column", () => {
    expect(ownTables(experiment, result).flatMap(tableLines)).toEqual([
      "### BM25 negatives: nDCG@10",
      "",
      "|  | one | two | three |",
      "| --- | ---: | ---: | ---: |",
      "| BM25 | 0.500 |  |  |",
      "| MLM | 0.350 | **0.652** | 0.350 |",
      "| COSTA | **0.652\\*** | 0.350 | **0.352** |",
      "",
    ]);
  });

  it("puts one system's stages into one table", () => {
    const stages = resultWith([
      cell("BM25", any, "one", LOW, 0),
      cell("MLM", bm25, "one", LOW),
      cell("MLM", mined, "one", HIGH),
    ]);
    const [table, ...others] = ownTables(experiment, stages);
    expect(others).toEqual([]);
    expect(table!.rows.map(({ name }) => name)).toEqual(["BM25", "MLM, BM25 negatives", "MLM, mined negatives"]);
  });
});

describe("measured", () => {
  it("is the mean over the seeds, query by query", () => {
    const seeds = resultWith([cell("MLM", bm25, "one", [0, 10000], 1), cell("MLM", bm25, "one", [10000, 10000], 2)]);
    const found = measured(seeds, { system: "MLM", stage: bm25 }, { collection: "one", measure: "nDCG@10" })!;
    expect(found).toMatchObject({ mean: 0.75, perQuery: [0.5, 1], seeds: 2 });
  });
});

describe("difference", () => {
  it("is not taken between systems that answer other queries", () => {
    const of = (collection: string) =>
      measured(result, { system: "MLM", stage: bm25 }, { collection, measure: "nDCG@10" });
    expect(difference(of("one"), of("two"))).toBeUndefined();
    expect(difference(of("one"), undefined)).toBeUndefined();
  });
});

describe("judged", () => {
  it("says where a claim is seen, reversed, not significant, or not measured", () => {
    const [first, second] = judged(experiment, result);
    expect(first).toEqual({
      claim: "COSTA is better",
      summary: "mixed (significant on 1 of 3, reversed on 1)",
      outcomes: [
        { where: "one", verdict: "seen", numbers: "nDCG@10 0.652 against 0.350, p = <0.0001" },
        { where: "two", verdict: "reversed", numbers: "nDCG@10 0.350 against 0.652, p = <0.0001" },
        { where: "three", verdict: "not significant", numbers: "nDCG@10 0.352 against 0.350, p = 0.64" },
      ],
    });
    expect(second).toEqual({ claim: "mined negatives are better", summary: "not measured", outcomes: [] });
  });
});

describe("publishedTable", () => {
  it("keeps the thesis' marks and dashes", () => {
    expect(tableLines(publishedTable(experiment.published[0]!)).slice(2)).toEqual([
      "|  | A | B |",
      "| --- | ---: | ---: |",
      "| MLM | 0.300 | – |",
      "| COSTA | 0.350\\* | 0.500 |",
      "",
      "Source: a paper.",
      "",
    ]);
  });
});

describe("embedding map", () => {
  const map = (auc: number[]) => ({
    queryId: "q7",
    points: [
      [0, 0, -1],
      [1, 1, 1],
      [2, 0, 0],
    ],
    ofQuery: { relevantSimilarity: 0.8, nonRelevantSimilarity: 0.5, margin: 0.3, auc: 1 },
    ofAll: { relevantSimilarity: 0.7, nonRelevantSimilarity: 0.5, margin: 0.2, auc: 0.9, queries: 4 },
    perQuery: { relevantSimilarity: auc, margin: auc, auc },
  });

  it("has a picture of each model, numbers, and a paired test", () => {
    const findings = (["SEED", "COSTA"] as const).map((name, i) => ({
      ...{ name, seed: 1, key: name, environment: 0 },
      value: map(i === 0 ? [0.5, 0.6, 0.5, 0.4] : [0.9, 0.95, 0.9, 0.85]),
    }));
    const { charts, tables } = embeddingMap.draw!(findings, resultWith([], { findings }));
    expect(charts).toHaveLength(2);
    expect(tables[0]!.rows[1]).toMatchObject({ name: "SEED, seed 1: mean of 4 queries" });
    const [closer] = judged(embeddingMap, resultWith([], { findings }));
    expect(closer).toMatchObject({ summary: "yes", outcomes: [{ where: "seed 1", verdict: "seen" }] });
  });
});

describe("an axis", () => {
  const axis = { title: "training queries", stages: ["no query", "10 queries", "all queries"] };
  const row = { ...experiment, axis, baselines: [{ system: "MLM", mark: "†" }] };
  const onAxis = resultWith([
    cell("BM25", "any", "wikiqa", [4000, 4000, 4000, 4100]),
    cell("MLM", "no query", "wikiqa", [1000, 900, 1100, 1000]),
    cell("PROP", "no query", "wikiqa", [3000, 3100, 3000, 2900]),
    cell("MLM", "10 queries", "wikiqa", [3000, 3000, 3000, 3000]),
    cell("PROP", "10 queries", "wikiqa", [3000, 4000, 2500, 3500]),
  ]);

  it("has a column for each stage, and marks within it", () => {
    const [table] = ownTables(row, onAxis);
    expect(table).toMatchObject({ title: "wikiqa: nDCG@10, by training queries", columns: axis.stages });
    expect(table!.rows.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)])).toEqual([
      ["BM25", "0.403†", "0.403†", "0.403"],
      ["MLM", "0.100", "0.300", ""],
      ["PROP", "0.300†", "0.325", ""],
    ]);
  });

  it("has a picture of each collection with a line for each system", async () => {
    const [drawn, ...others] = axisCharts(row, onAxis);
    expect(others).toEqual([]);
    const { values } = drawn!.data as { values: { system: string; stage: string }[] };
    expect(values.map(({ system, stage }) => `${system}, ${stage}`)).toEqual([
      ...["BM25, no query", "BM25, 10 queries", "BM25, all queries"],
      ...["MLM, no query", "MLM, 10 queries", "PROP, no query", "PROP, 10 queries"],
    ]);
    expect(await chart(drawn!)).toMatch(/^<svg/);
  });
});

describe("term-distribution", () => {
  it("has words of each reading, numbers, and paired tests", () => {
    const quantities = (value: number) => ({ relativeEntropy: 0.9, stopWords: value, rarity: value, repeated: value });
    const each = (values: number[]) => ({
      relativeEntropy: values,
      stopWords: values,
      rarity: values,
      repeated: values,
    });
    const value = {
      documents: 4,
      means: { "language model": quantities(0.5), attention: quantities(0.4), contrast: quantities(0.1) },
      perDocument: {
        "language model": each([0.5, 0.5, 0.6, 0.4]),
        attention: each([0.4, 0.4, 0.5, 0.3]),
        contrast: each([0.1, 0, 0.1, 0.2]),
      },
      example: { "language model": [["prism", 1]], attention: [["the", 1]], contrast: [["lamp", 1]] },
    };
    const findings = [{ name: "MiniLM", seed: 1, key: "", environment: 0, value: value as unknown as Json }];
    const result = resultWith([], { findings });
    const { charts, tables } = termDistribution.draw!(findings, result);
    expect(charts).toHaveLength(3);
    expect(tables[1]!.rows[2]).toEqual({ name: "MiniLM: contrast", cells: [{ text: "lamp" }] });
    const verdicts = judged(termDistribution, result).map(({ summary }) => summary);
    expect(verdicts.slice(0, 3)).toEqual(["yes", "yes", "no, the other way"]);
    expect(verdicts.slice(3)).toEqual(["not measured", "not measured", "not measured"]);
  });
});

describe("writeReport", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("writes one Markdown and one HTML file that need nothing else, also where an experiment was not run", async () => {
    await writeResult(resultPath(folder, "toy", "small"), result);
    const other = { ...experiment, name: "other", title: "Another" };
    const { markdown, html, experiments } = await reportOf([experiment, other], {
      results: folder,
      out: join(folder, "out"),
    });
    expect(experiments).toEqual(["toy"]);
    const text = readFileSync(markdown, "utf8");
    expect(text).toContain("| toy | COSTA is better | mixed (significant on 1 of 3, reversed on 1) |");
    expect(text).toContain("## Another (`other`)\n\nNumbers made up.\n\nReproduces: a table.\n\nNot run here yet.");
    const page = readFileSync(html, "utf8");
    expect(page).toContain("A &lt;toy&gt;");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/<script|<link|src=/);
    expect(page).not.toContain("undefined");
    expect(`${text}${page}`).not.toContain("NaN");
  });

  it("refuses a folder without results, and a file that is none", async () => {
    const report = () => reportOf([experiment], { results: folder, out: join(folder, "out") });
    await expect(report()).rejects.toThrow(/holds no results \(run an experiment: toy\)/);
    writeFileSync(resultPath(folder, "toy", "small"), "{}");
    await expect(report()).rejects.toThrow(/toy\.json: holds no results of an experiment/);
  });

  it("reads back what it wrote, a line for each list of numbers", async () => {
    const path = resultPath(folder, "toy", "small");
    await writeResult(path, result);
    expect(await readResult(path)).toEqual(result);
    expect(formatResult(result)).toContain('"nDCG@10": [3000,4000,5000,2000]');
  });
});
