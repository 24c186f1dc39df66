import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import type { Query } from "@propria/collection";
import type { Qrels, Run } from "@propria/metrics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numberReader, plainIndex, SPACE } from "../../test/vectors.ts";
import type { JudgedQueries } from "../judged-queries.ts";
import { readNegatives } from "./jsonl.ts";
import { type MinedQuery, type MiningOptions, mineNegatives, mineRankings } from "./mine.ts";
import { writeNegatives } from "./write.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Scores 100, 99, … of d0, d1, …; ids with characters of any kind. */
const name = (i: number) => (i % 2 === 0 ? `d${i}` : `文書/${i} "é" 🙂`);
const ranking = Array.from({ length: 100 }, (_, i) => ({ documentId: name(i), score: 100 - i }));
const run: Run = new Map(["q1", "q2", "q3", "unjudged"].map((queryId) => [queryId, ranking]));
const qrels: Qrels = new Map([
  [
    "q1",
    new Map([
      [name(3), 1],
      [name(50), 2],
      [name(4), 0],
    ]),
  ],
  ["q2", new Map([[name(99), 1]])],
  ["q3", new Map([[name(0), 1]])],
]);

async function byQuery(mined: AsyncIterable<MinedQuery>): Promise<Record<string, MinedQuery>> {
  const all: Record<string, MinedQuery> = {};
  for await (const query of mined) all[query.queryId] = query;
  return all;
}
const mine = (options: MiningOptions, of: Run = run) => byQuery(mineRankings(of, qrels, options));

describe("mineRankings", () => {
  it("takes the top without judged positives, for queries that have one", async () => {
    const all = await mine({ depth: 10, keep: 30 });
    expect(Object.keys(all)).toEqual(["q1", "q2", "q3"]);
    expect(all.q1!.documentIds).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9].map(name)); // 4 is judged and not relevant
    expect(all.q1!.scores).toEqual([100, 99, 98, 96, 95, 94, 93, 92, 91]);
    expect(all.q1).toMatchObject({ short: true, positiveFound: true });
  });

  it("keeps a draw by seed and query, whatever the other queries are", async () => {
    const all = await mine({ depth: 100, keep: 30, seed: 5 });
    const reversed = await mine({ depth: 100, keep: 30, seed: 5 }, new Map([...run].reverse()));
    expect(reversed).toEqual(all);
    expect((await mine({ keep: 30, seed: 6 })).q1).not.toEqual(all.q1);
    expect(all.q1!.documentIds).not.toEqual(all.q2!.documentIds);
    for (const [queryId, { documentIds, short }] of Object.entries(all)) {
      expect(new Set(documentIds).size).toBe(30);
      expect(short).toBe(false);
      for (const id of qrels.get(queryId)!.keys()) if (id !== name(4)) expect(documentIds).not.toContain(id);
    }
  });

  it("counts candidates that score as high as the best positive, and leaves them out when asked to", async () => {
    const all = await mine({ depth: 10, keep: 4 });
    expect([all.q1!.likelyFalse, all.q3!.likelyFalse]).toEqual([3, 0]);
    expect((await mine({ depth: 10, keep: 9, dropLikelyFalse: true })).q1!.documentIds).toEqual(
      [4, 5, 6, 7, 8, 9].map(name),
    );
    const near = await mine({ depth: 10, keep: 9, dropLikelyFalse: true, falseNegativeMargin: 0.95 }); // 97 · 0.95 = 92.15
    expect(near.q1).toMatchObject({ likelyFalse: 7, documentIds: [8, 9].map(name), short: true });
  });

  it("suspects no candidate where no positive is within the depth, and keeps all", async () => {
    for (const dropLikelyFalse of [false, true]) {
      const { q2 } = await mine({ depth: 10, keep: 10, dropLikelyFalse });
      expect(q2).toMatchObject({ positiveFound: false, likelyFalse: 0, short: false });
      expect(q2!.documentIds).toEqual(ranking.slice(0, 10).map(({ documentId }) => documentId));
    }
  });

  it("measures the margin downwards for negative scores too", async () => {
    const below: Run = new Map([
      [
        "q3",
        [
          [0, -10],
          [1, -10.4],
          [2, -11],
        ].map(([i, score]) => ({ documentId: name(i!), score: score! })),
      ],
    ]);
    expect((await mine({ falseNegativeMargin: 0.95 }, below)).q3).toMatchObject({ likelyFalse: 1 });
  });

  it("takes duplicates of the positive, which tie with it, for likely false", async () => {
    const tied: Run = new Map([["q3", [0, 2, 4].map((i) => ({ documentId: name(i), score: 1 }))]]);
    expect((await mine({}, tied)).q3).toMatchObject({ likelyFalse: 2 });
  });

  it.each([
    [{ depth: 0 }, "MINING_OPTION"],
    [{ keep: 0.5 }, "MINING_OPTION"],
    [{ falseNegativeMargin: 0 }, "MINING_OPTION"],
    [{ falseNegativeMargin: 1.1 }, "MINING_OPTION"],
  ])("refuses %j", async (options, code) => {
    await expect(mine(options)).rejects.toMatchObject({ code });
  });
});

const documents = new Map<string, readonly number[]>();
for (let i = 0; i < 60; i++) documents.set(name(i), [Math.cos(i / 40), Math.sin(i / 40)]);
const queries: Query[] = Array.from({ length: 25 }, (_, i) => ({
  id: `q${i}`,
  text: `${Math.cos(i / 20)} ${Math.sin(i / 20)}`,
}));
const judged: Qrels = new Map(queries.filter((_, i) => i % 5 < 3).map(({ id }, i) => [id, new Map([[name(i), 1]])]));
const collection = (changes: Partial<JudgedQueries> = {}): JudgedQueries => ({
  name: "circle",
  queries: () => queries,
  qrels: async (split) => (split === "train" ? judged : new Map()),
  ...changes,
});

describe("mineNegatives", () => {
  const index = plainIndex(documents);
  const mining = (changes: Partial<Parameters<typeof mineNegatives>[0]> = {}) =>
    byQuery(mineNegatives({ model: numberReader(2), index, collection: collection(), depth: 20, keep: 5, ...changes }));

  it("mines for the judged queries alone, in blocks, the same for every size of block", async () => {
    const model = numberReader(2);
    const progress: number[] = [];
    const all = await mining({ model, block: 4, onProgress: ({ queries }) => progress.push(queries) });
    expect(Object.keys(all)).toEqual([...judged.keys()]);
    expect([model.calls, progress]).toEqual([
      [4, 4, 4, 3],
      [4, 8, 12, 15],
    ]);
    expect(await mining({ block: 1 })).toEqual(all);
  });

  it("does not depend on the order of the queries", async () => {
    const shuffled = [...seeded(1, "order").permutation(queries.length)].map((i) => queries[i]!);
    expect(await mining({ collection: collection({ queries: () => shuffled }) })).toEqual(await mining());
  });

  it("does what a run file of the same search does", async () => {
    const found: Run = new Map();
    for (const { id, text } of queries)
      found.set(id, (await index.search(await numberReader(2).encodeQueries([text]), { depth: 20 }))[0]!);
    expect(await byQuery(mineRankings(found, judged, { depth: 20, keep: 5 }))).toEqual(await mining());
  });

  it("asks the index for no more than a block at a time, however many queries and documents there are", async () => {
    const random = seeded(2, "corpus");
    const many = Array.from({ length: 50_000 }, (_, i) => ({ documentId: `d${i}`, score: random() })); // one list, given to each
    const asked: number[] = [];
    const held = new Set<string>();
    const big = {
      ...plainIndex(documents),
      search: async (vectors: Float32Array, { depth }: { depth: number }) => {
        asked.push(vectors.length / 2);
        return Array.from({ length: vectors.length / 2 }, () => many.slice(0, depth));
      },
    };
    async function* stream() {
      for (let i = 0; i < 5000; i++) {
        held.add(`q${i}`);
        yield { id: `q${i}`, text: "1 0" };
      }
    }
    const all: Qrels = new Map(Array.from({ length: 5000 }, (_, i) => [`q${i}`, new Map([["d1", 1]])]));
    let count = 0;
    let most = 0;
    const source = collection({ queries: stream, qrels: async () => all });
    for await (const { queryId } of mineNegatives({
      model: numberReader(2),
      index: big,
      collection: source,
      block: 64,
    })) {
      if (count === 0) held.clear(); // the first pass only counts the queries
      held.delete(queryId);
      most = Math.max(most, held.size);
      count++;
    }
    expect(count).toBe(5000);
    expect(Math.max(...asked)).toBe(64);
    expect(most).toBeLessThan(64);
  });

  it("refuses a hit that is no document of the collection, and names both", async () => {
    const known = { has: (id: string) => id !== name(20) };
    await expect(mining({ documents: known })).rejects.toMatchObject({
      code: "DOCUMENT_UNKNOWN",
      message: expect.stringContaining(`holds ${name(20)}, found for query `),
    });
    expect(await mining({ documents: { has: () => true } })).toEqual(await mining());
  });

  it.each([
    [{ split: "dev" }, "NO_TRAINING_QUERIES"],
    [{ documents: { has: () => false } }, "DOCUMENT_UNKNOWN"],
    [{ collection: collection({ queries: () => queries.slice(1) }) }, "QUERY_UNKNOWN"],
    [{ collection: collection({ queries: () => [...queries, queries[0]!] }) }, "DUPLICATE_QUERY"],
    [{ index: plainIndex(documents, { ...SPACE, weights: "w2" }) }, "SPACE_MISMATCH"],
    [{ keep: 0 }, "MINING_OPTION"],
    [{ block: 0 }, "RETRIEVAL_OPTION"],
  ])("refuses before any query is encoded: %#", async (changes, code) => {
    const model = numberReader(2);
    await expect(mining({ model, ...changes })).rejects.toMatchObject({ code });
    expect(model.calls).toEqual([]);
  });
});

describe("writeNegatives", () => {
  it.each(["mined.jsonl", "mined.jsonl.gz"])(
    "writes %s, which readNegatives reads back to the character",
    async (file) => {
      const path = join(folder, file);
      const all = await mine({ depth: 60, keep: 7 });
      const report = await writeNegatives(path, Object.values(all));
      expect(report).toEqual({
        ...{ queries: 3, short: 0, positiveFound: 2, positiveNotFound: 1 },
        ...{ negatives: 21, compared: 58 + 59, likelyFalse: 3 }, // the three above q1's; q2, whose positive is below the depth, adds none
      });
      const read: Record<string, readonly string[]> = {};
      for await (const { queryId, documentIds } of readNegatives(path, qrels)) read[queryId] = documentIds;
      expect(read).toEqual(Object.fromEntries(Object.values(all).map((query) => [query.queryId, query.documentIds])));
    },
  );

  it("writes the scores when asked to", async () => {
    const path = join(folder, "scored.jsonl");
    await writeNegatives(path, mineRankings(run, qrels, { depth: 3 }), { scores: true });
    const [first] = (await readFile(path, "utf8")).split("\n");
    expect(JSON.parse(first!)).toEqual({
      query_id: "q1",
      negative_document_ids: [0, 1, 2].map(name),
      negative_scores: [100, 99, 98],
    });
  });

  it("leaves nothing behind when mining fails half-way", async () => {
    async function* failing() {
      yield (await mine({})).q1!;
      throw new Error("the index went away");
    }
    await expect(writeNegatives(join(folder, "half.jsonl"), failing())).rejects.toThrow("went away");
    expect((await readdir(folder)).filter((file) => file.startsWith("half"))).toEqual([]);
  });
});
