import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildIndex } from "@propria/lexical";
import type { Qrels, Run } from "@propria/metrics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bm25Negatives } from "./bm25.ts";
import { readNegatives } from "./jsonl.ts";
import type { Negatives } from "./negatives.ts";
import { runNegatives } from "./run.ts";

const qrels: Qrels = new Map([
  ["q1", new Map([["d1", 1]])],
  [
    "q2",
    new Map([
      ["d2", 2],
      ["d3", 0],
    ]),
  ],
  ["q3", new Map([["d1", 0]])],
]);

async function collect(negatives: Negatives): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for await (const { queryId, documentIds } of negatives) found[queryId] = [...documentIds];
  return found;
}

describe("bm25Negatives", () => {
  const documents = [
    { id: "d1", text: "the pump moves water and more water" },
    { id: "d2", text: "water and oil" },
    { id: "d3", text: "a water pipe" },
    { id: "d4", text: "water, water, water" },
    { id: "d5", text: "sand" },
  ];
  const queries = [
    { id: "q1", text: "water pump" },
    { id: "q2", text: "oil and water" },
    { id: "q3", text: "water" },
  ];

  it("gives what matches, best first, without positives, for queries that have a positive", async () => {
    const found = await collect(bm25Negatives(await buildIndex(documents), queries, qrels));
    expect(Object.keys(found)).toEqual(["q1", "q2"]);
    expect(found.q1!.toSorted()).toEqual(["d2", "d3", "d4"]);
    expect(found.q1![0]).toBe("d4");
    expect(found.q2!.toSorted()).toEqual(["d1", "d3", "d4"]); // d3 is judged and not relevant
  });

  it("takes no more than the depth before positives are taken out", async () => {
    const found = await collect(bm25Negatives(await buildIndex(documents), queries, qrels, { depth: 2 }));
    expect(found.q1).toHaveLength(1); // the other of the two is the positive
  });
});

describe("runNegatives", () => {
  const ids = Array.from({ length: 50 }, (_, i) => `d${i}`);
  const ranking = ids.map((documentId, i) => ({ documentId, score: -i }));
  const run: Run = new Map(["q1", "q2", "q3"].map((queryId) => [queryId, ranking]));

  it("keeps a seeded draw in the ranking's order, another for another seed or query", async () => {
    const draw = (seed: number) => collect(runNegatives(run, qrels, { depth: 40, keep: 10, seed }));
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(first).toEqual(again);
    expect(first.q1).not.toEqual(other.q1);
    expect(first.q1).not.toEqual(first.q2);
    for (const [queryId, kept] of Object.entries(first)) {
      expect(kept).toHaveLength(10);
      expect(kept).toEqual(kept.toSorted((a, b) => ids.indexOf(a) - ids.indexOf(b)));
      expect(kept).not.toContain(queryId === "q1" ? "d1" : "d2");
      expect(kept.every((id) => ids.indexOf(id) < 40)).toBe(true);
    }
  });

  it("draws every candidate about equally often", async () => {
    const times = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++)
      for (const id of (await collect(runNegatives(run, qrels, { depth: 11, keep: 3, seed }))).q1!)
        times.set(id, (times.get(id) ?? 0) + 1);
    expect(times.size).toBe(10);
    for (const count of times.values()) expect(Math.abs(count - 600)).toBeLessThan(5 * Math.sqrt(2000 * 0.3 * 0.7));
  });
});

describe("readNegatives", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rankers-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const lines = [
    '{"query_id": "q1", "negative_document_ids": ["d9", "d1", "d8", "d9"], "more": 1}',
    "",
    '{"query_id": "q3", "negative_document_ids": ["d9"]}',
    '{"query_id": "q2", "negative_document_ids": []}',
  ];

  it.each(["lines.jsonl", "lines.jsonl.gz"])(
    "reads %s: positives and repetitions out, queries without positives too",
    async (name) => {
      const path = join(folder, name);
      const text = lines.join("\n");
      await writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text);
      expect(await collect(readNegatives(path, qrels))).toEqual({ q1: ["d9", "d8"], q2: [] });
      expect(await collect(readNegatives(path, qrels, { depth: 1 }))).toEqual({ q1: ["d9"], q2: [] });
    },
  );

  it.each([
    ["is not JSON", '{"query_id": "q1", '],
    ["negative_document_ids", '{"query_id": "q1"}'],
    ["query q1 stands in an earlier line too", lines[0]!],
  ])("names file and line: %s", async (what, line) => {
    const path = join(folder, "bad.jsonl");
    await writeFile(path, [lines[0], lines[2], line].join("\n"));
    const failing = collect(readNegatives(path, qrels));
    await expect(failing).rejects.toMatchObject({ code: "NEGATIVES_LINE", at: `${path}:3` });
    await expect(failing).rejects.toThrow(what);
  });
});
