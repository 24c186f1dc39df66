import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { createIndex, openIndex } from "@propria/dense-index";
import type { Qrels, Run } from "@propria/metrics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numberReader, plainIndex, SPACE } from "../../test/vectors.ts";
import { mineNegatives } from "../negatives/mine.ts";
import { searchIndex } from "./retrieve.ts";

const DIMENSIONS = 12;
const random = seeded(3, "vectors");
const vector = () => Array.from({ length: DIMENSIONS }, () => Math.fround(random() - 0.5));
const documents = new Map(Array.from({ length: 400 }, (_, i) => [`d${i}`, vector()]));
const queries = Array.from({ length: 40 }, (_, i) => ({ id: `q${i}`, text: vector().join(" ") }));
const model = numberReader(DIMENSIONS);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "retrieve-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const exact = async () => {
  const index = await createIndex({
    kind: "exact",
    dimensions: DIMENSIONS,
    similarity: "dot",
    space: SPACE,
    threads: 1,
  });
  await index.add([...documents.keys()], Float32Array.from([...documents.values()].flat()));
  return index;
};
const ids = (run: Run) => [...run].map(([queryId, list]) => [queryId, list.map(({ documentId }) => documentId)]);

describe("searchIndex over an index of vectors", () => {
  it("finds what comparing every pair finds", async () => {
    const index = await exact();
    const found = await searchIndex(model, index, queries, { depth: 50, block: 7 });
    const expected = await searchIndex(model, plainIndex(documents), queries, { depth: 50 });
    expect(ids(found)).toEqual(ids(expected));
    for (const [queryId, list] of found)
      for (const [i, { score }] of list.entries()) expect(score).toBeCloseTo(expected.get(queryId)![i]!.score, 5);
    await index.release();
  });

  it("mines the same from a saved index, and refuses it with other weights", async () => {
    const index = await exact();
    await index.save(join(folder, "index"));
    await index.release();
    const opened = await openIndex(join(folder, "index"), { threads: 1 });
    const qrels: Qrels = new Map(queries.map(({ id }, i) => [id, new Map([[`d${i}`, 1]])]));
    const collection = { name: "numbers", queries: () => queries, qrels: async () => qrels };
    const collect = async (index: Parameters<typeof mineNegatives>[0]["index"]) => {
      const all = [];
      for await (const { queryId, documentIds } of mineNegatives({ model, index, collection, depth: 60, keep: 8 }))
        all.push([queryId, documentIds]);
      return all;
    };
    expect(await collect(opened)).toEqual(await collect(plainIndex(documents)));
    const other = numberReader(DIMENSIONS, { ...SPACE, weights: "w2" });
    await expect(searchIndex(other, opened, queries)).rejects.toThrow('weights is "w1", expected "w2"');
    await opened.release();
  });
});
