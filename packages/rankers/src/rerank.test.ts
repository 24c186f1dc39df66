import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import type { Document } from "@propria/collection";
import { type Run, ranked } from "@propria/metrics";
import { loadCheckpoint, writeSafetensors } from "@propria/transformer-core";
import { beforeAll, describe, expect, it } from "vitest";
import { crossEncoderInits } from "./cross-encoder.ts";
import { type CrossEncoder, openCrossEncoder } from "./open-cross-encoder.ts";
import { documentScore, type PassageReading, passagesOf } from "./passages.ts";
import { rerank, rerankStream } from "./rerank.ts";

const tiny = fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url));
const words = ["oil", "pump", "wing", "skin", "fuel", "cold", "water", "river", "bridge", "stone", "light"];
const random = seeded(5, "texts");
const text = (count: number) => Array.from({ length: count }, () => words[random.int(words.length)]).join(" ");
const documents = new Map<string, Document>(
  Array.from({ length: 40 }, (_, i) => [
    `d${i}`,
    { id: `d${i}`, title: i % 3 ? "" : "wing", text: text(1 + (i % 17)) },
  ]),
);
const queries = ["q1", "q2", "q3"].map((id) => ({ id, text: text(3) }));
const run: Run = new Map(
  queries.map(({ id }, i) => [
    id,
    [...documents.keys()].slice(i, i + 30).map((documentId, rank) => ({ documentId, score: 100 - rank })),
  ]),
);
const idsOf = (run: Run, queryId: string) => run.get(queryId)!.map(({ documentId }) => documentId);

let model: CrossEncoder;
beforeAll(async () => {
  model = await openCrossEncoder(tiny, { backend: "cpu", queryTokens: 8, batchTokens: 64 });
});

describe("rerank", () => {
  it("gives a permutation of each query's candidates, best first, with the model's scores", async () => {
    const reranked = await rerank(model, run, queries, documents, { depth: 20 });
    expect([...reranked.keys()]).toEqual(["q1", "q2", "q3"]);
    for (const { id, text } of queries) {
      expect(idsOf(reranked, id).toSorted()).toEqual(idsOf(run, id).slice(0, 20).toSorted());
      expect(reranked.get(id)).toEqual(ranked(reranked.get(id)!));
      for (const { documentId, score } of reranked.get(id)!) {
        const { title, text: body } = documents.get(documentId)!;
        const [alone] = await model.score([{ query: text, document: title ? `${title} ${body}` : body }]);
        expect(score).toBeCloseTo(alone!, 5);
      }
    }
  });

  it("streams: the same scores for rankings that come one by one, in windows of several queries", async () => {
    const many = Array.from({ length: 150 }, (_, i) => ({ id: `m${i}`, text: queries[i % 3]!.text }));
    const texts = new Map(many.map(({ id, text }) => [id, text]));
    const list = run.get("q1")!;
    let asked = 0;
    async function* rankings() {
      for (const { id } of many) {
        asked++;
        yield { queryId: id, documents: list };
      }
    }
    const stub = { ...model, scoreBatch: async ({ rows }: { rows: unknown[] }) => Float32Array.from(rows, () => 0.5) };
    let [given, ahead, pairs] = [0, 0, 0];
    const onProgress = (progress: { pairs: number }) => {
      pairs = progress.pairs;
    };
    for await (const { queryId, documents: answer } of rerankStream(stub, rankings(), texts, documents, {
      onProgress,
    })) {
      expect(queryId).toBe(`m${given++}`);
      expect(answer).toHaveLength(30);
      ahead = Math.max(ahead, asked - given);
    }
    expect({ given, pairs }).toEqual({ given: 150, pairs: 4500 });
    expect(ahead).toBeLessThan(140); // 4096 pairs are 137 queries

    const few = [...run].map(([queryId, documents]) => ({ queryId, documents }));
    const streamed: Run = new Map();
    const byId = new Map(queries.map(({ id, text }) => [id, text]));
    for await (const { queryId, documents: answer } of rerankStream(model, few, byId, documents))
      streamed.set(queryId, answer);
    expect(streamed).toEqual(await rerank(model, run, queries, documents));
  });

  describe("of passages", () => {
    const windows = { words: 4, stride: 2, most: 4 };

    const few: Run = new Map([["q1", ["d1", "d3", "d6", "d9"].map((documentId) => ({ documentId, score: 1 }))]]);
    const by = (passages: PassageReading, of: CrossEncoder = model) =>
      rerank(of, few, queries, documents, { passages });

    it("scores a document by the best, or the sum, of what its passages score alone; a short one is as it was", async () => {
      const alone = new Map<string, number[]>();
      for (const { documentId } of few.get("q1")!) {
        const scores: number[] = [];
        for (const document of passagesOf(documents.get(documentId)!, windows))
          scores.push(...(await model.score([{ query: queries[0]!.text, document }])));
        alone.set(documentId, scores);
      }
      expect([...alone.values()].map((scores) => scores.length)).toEqual([1, 1, 3, 4]);
      for (const score of ["max", "sum"] as const) {
        const reranked = (await by({ ...windows, score })).get("q1")!;
        expect(reranked).toHaveLength(4);
        expect(reranked).toEqual(ranked(reranked));
        for (const { documentId, score: found } of reranked)
          expect(found).toBeCloseTo(documentScore(alone.get(documentId)!, score), 5);
      }
      for (const { documentId, score } of (await rerank(model, few, queries, documents)).get("q1")!)
        if (alone.get(documentId)!.length === 1) expect(score).toBeCloseTo(alone.get(documentId)![0]!, 5);
    });

    it("reads as the model says, as is asked for, and from the start where that is asked for", async () => {
      const trained = { ...model, passages: { ...windows, score: "sum" as const } };
      expect(await rerank(trained, few, queries, documents)).toEqual(await by(trained.passages));
      const best = await by({ score: "max" }, trained);
      expect(best).toEqual(await by({ ...windows, score: "max" }));
      const first = await by({ score: "first" }, trained);
      expect(first).toEqual(await rerank(model, few, queries, documents));
      expect(first).not.toEqual(best);
      await expect(by({ words: 2, stride: 3 })).rejects.toThrow("passages: stride");
    });

    it("counts documents as pairs, and reads no more of them at a time than fills its batches", async () => {
      const long = { id: "long", title: "", text: text(5000) };
      const many = new Map(Array.from({ length: 400 }, (_, i) => [`l${i}`, { ...long, id: `l${i}` }]));
      const list = [...many.keys()].map((documentId) => ({ documentId, score: 1 }));
      let [asked, pairs, passages, ahead] = [0, 0, 0, 0];
      const get = (id: string) => {
        asked++;
        return many.get(id);
      };
      const documents = { has: (id: string) => many.has(id), get };
      const stub = { ...model, scoreBatch: async ({ rows }: { rows: unknown[] }) => Float32Array.from(rows, () => 0) };
      const onProgress = (progress: { pairs: number; passages: number }) => {
        ({ pairs, passages } = progress);
        ahead = Math.max(ahead, asked - pairs);
      };
      const options = { depth: 400, passages: { words: 8 }, onProgress };
      const texts = new Map([["q1", "oil"]]);
      for await (const answer of rerankStream(stub, [{ queryId: "q1", documents: list }], texts, documents, options))
        expect(answer.documents).toHaveLength(400);
      expect({ asked, pairs, passages }).toEqual({ asked: 400, pairs: 400, passages: 400 * 30 });
      expect(ahead).toBeLessThan(10); // a window of 32 batches of 64 tokens has 128 rows of 16, 5 documents
    });
  });

  it("gives the same numbers again", async () => {
    expect(await rerank(model, run, queries, documents)).toEqual(await rerank(model, run, queries, documents));
  });

  it("takes the candidates by score, whatever their order in the run", async () => {
    const shuffled: Run = new Map([...run].map(([queryId, list]) => [queryId, list.toReversed()]));
    const options = { depth: 7 };
    expect(await rerank(model, shuffled, queries, documents, options)).toEqual(
      await rerank(model, run, queries, documents, options),
    );
  });

  it("appends what lies below the depth in its old order, below every score, when asked to", async () => {
    const appended = await rerank(model, run, queries, documents, { depth: 20, tail: "append" });
    const cut = await rerank(model, run, queries, documents, { depth: 20 });
    for (const { id } of queries) {
      expect(appended.get(id)!.slice(0, 20)).toEqual(cut.get(id));
      expect(idsOf(appended, id).slice(20)).toEqual(idsOf(run, id).slice(20));
      expect(appended.get(id)).toEqual(ranked(appended.get(id)!));
    }
  });

  it("keeps a query without candidates", async () => {
    expect(await rerank(model, new Map([["q1", []]]), queries, documents)).toEqual(new Map([["q1", []]]));
  });

  it("reports how far it is, up to all pairs", async () => {
    const seen: number[] = [];
    await rerank(model, run, queries, documents, {
      depth: 10,
      onProgress: ({ pairs, totalPairs }) => {
        expect(totalPairs).toBe(30);
        seen.push(pairs);
      },
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(30);
  });

  it("names a document or a query that is not there, before it scores anything", async () => {
    const unknown: Run = new Map([...run, ["q2", [{ documentId: "lost", score: 1 }]]]);
    const onProgress = () => expect.unreachable();
    await expect(rerank(model, unknown, queries, documents, { onProgress })).rejects.toThrow(
      "run, query q2: the corpus has no document lost (is the run of another collection?)",
    );
    await expect(rerank(model, run, queries.slice(1), documents, { onProgress })).rejects.toThrow(/query q1/);
  });

  it("names query and document when the model gives no number", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rankers-"));
    await cp(tiny, folder, { recursive: true });
    const { parameters } = await loadCheckpoint(folder, { heads: crossEncoderInits });
    parameters["classifier.bias"]!.data[0] = Number.NaN;
    await writeSafetensors(join(folder, "model.safetensors"), parameters);
    const damaged = await openCrossEncoder(folder, { backend: "cpu", queryTokens: 8 });
    await expect(rerank(damaged, run, queries, documents)).rejects.toThrow(
      /score of query q\d, document d\d+ is not a finite/,
    );
    await rm(folder, { recursive: true });
  });
});
