import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "@propria/metrics";
import { afterAll, describe, expect, it } from "vitest";
import { lineChart, lossLines } from "./charts.ts";
import { chooseExamples } from "./examples.ts";
import { demoFolder } from "./folder.ts";
import { splitQrels } from "./held-out.ts";
import { overFirst } from "./ranking.ts";
import { reportHtml } from "./report.ts";
import { rowsOf, textTable } from "./table.ts";

const queryIds = Array.from({ length: 40 }, (_, i) => `q${i}`);
const qrels = new Map(queryIds.map((id) => [id, new Map([["d1", 1]])]));
const ranking = (...documentIds: string[]) => documentIds.map((documentId, i) => ({ documentId, score: -i }));
const first: Run = new Map(queryIds.map((id, i) => [id, i % 2 ? ranking("d1", "d2") : ranking("d2", "d1")]));
const worse: Run = new Map(queryIds.map((id, i) => [id, i === 1 ? ranking("d1", "d2") : ranking("d2", "d1")]));

describe("demoFolder", () => {
  const top = mkdtempSync(join(tmpdir(), "propria-demo-"));
  afterAll(() => rmSync(top, { recursive: true }));

  it("replaces what an earlier demo left, and nothing else", async () => {
    const folder = join(top, "demo");
    await demoFolder(folder);
    writeFileSync(join(folder, "old"), "");
    await demoFolder(folder);
    expect(existsSync(join(folder, "old"))).toBe(false);

    const users = join(top, "theses");
    await demoFolder(users);
    rmSync(join(users, "made-by-propria-demo"));
    writeFileSync(join(users, "thesis"), "");
    await expect(demoFolder(users)).rejects.toThrow("theses: holds files that are no demo's (name another --out)");
    expect(existsSync(join(users, "thesis"))).toBe(true);
  });
});

describe("splitQrels", () => {
  it("puts every query in one part, the same for the same seed", () => {
    const { learnt, heldOut } = splitQrels(qrels, 0.25, 7);
    expect([...learnt.keys(), ...heldOut.keys()].sort()).toEqual([...queryIds].sort());
    expect(heldOut.size).toBeGreaterThan(3);
    expect(heldOut.size).toBeLessThan(20);
    expect(splitQrels(qrels, 0.25, 7)).toEqual({ learnt, heldOut });
  });
});

describe("overFirst", () => {
  it("keeps what the model did not score in the first ranking's order, also at weight 1", () => {
    const bm25: Run = new Map([["q", ranking("d3", "d1", "d9", "d2", "d8")]]);
    const model: Run = new Map([["q", ranking("d1", "d3")]]);
    const order = (weight: number) =>
      overFirst(model, bm25, weight)
        .get("q")!
        .map(({ documentId }) => documentId);
    expect(order(1)).toEqual(["d1", "d3", "d9", "d2", "d8"]);
    expect(order(0)).toEqual(["d3", "d1", "d9", "d2", "d8"]);
  });
});

describe("the demo's report", () => {
  const systems = [
    { name: "QL", run: worse },
    { name: "BM25", run: first },
    { name: "BM25 + <b>model</b>", run: first, weight: 0.25, alone: worse },
  ];
  const rows = rowsOf(systems, qrels, { bm25: systems[1]!, mlm: systems[2]! });

  it("has a table whose marks say what differs from BM25 and from MLM", () => {
    const [head, ql, bm25, model] = textTable(rows);
    expect(head).toMatch(/^system +nDCG@10 +RR@10 +R@100 +p, BM25 +p, MLM +weight +alone$/);
    expect(ql).toMatch(/^QL +0\.6402\*\*†† +0\.5125\*\*†† +1\.0000 +<\.0001 +<\.0001$/);
    expect(bm25).toMatch(/^BM25 +0\.8155 +0\.7500 +1\.0000 +1\.0000$/);
    expect(model).toMatch(/0\.25 +0\.6402$/);
  });

  it("chooses the greatest gain, the greatest loss and the median", () => {
    const documents = new Map([["d1", { id: "d1", title: "One", text: "first" }]]);
    const queries = queryIds.map((id) => ({ id, text: `text of ${id}` }));
    const examples = chooseExamples(rows[0]!, rows[1]!, { rows, qrels, queries, documents });
    expect(examples.map(({ reason }) => reason.replace(/ of .*over BM25/, ""))).toEqual([
      "the greatest gain: +0.00 nDCG@10",
      "the greatest loss: −0.37 nDCG@10",
      "the median: +0.00 nDCG@10",
    ]);
    expect(examples[0]).toMatchObject({ relevant: ["One"], answers: [{ system: "QL" }, {}, {}] });
  });

  it("draws loss curves as SVG, without a browser", async () => {
    const points = (parts: Record<string, number>) =>
      Array.from({ length: 200 }, (_, i) => ({ step: i + 1, loss: 2, parts }));
    const lines = lossLines([
      { name: "MLM", points: points({}), whole: "mlm" },
      { name: "PROP", points: points({ rop: 1, mlm: 1.5 }), whole: "loss" },
    ]);
    expect([...lines].map(([part, each]) => [part, each.map(({ name }) => name)])).toEqual([
      ["mlm", ["MLM", "PROP"]],
      ["rop", ["PROP"]],
    ]);
    expect(lines.get("rop")![0]!.points.length).toBeLessThanOrEqual(80);
    const svg = await lineChart("Pre-training, mlm", lines.get("mlm")!);
    expect(svg).toMatch(/^<svg[\s\S]+Pre-training, mlm[\s\S]+<\/svg>$/);
  });

  it("is one HTML file that loads nothing and escapes what it shows", () => {
    const html = reportHtml({
      ...{ data: "a & b", rows, charts: ["<svg></svg>"], examples: [], settings: [["seed", "1"]] },
      ...{ timings: [["vocabulary", 1.25]], command: "propria demo" },
    });
    expect(html).toContain("BM25 + &lt;b&gt;model&lt;/b&gt;");
    expect(html).not.toMatch(/<script|<link|src=|https?:\/\//);
  });
});
