import { existsSync } from "node:fs";
import { join } from "node:path";
import { documentText, openCollection, queriesOf } from "@propria/collection";
import { bm25, buildIndex, searchAll } from "@propria/lexical";
import { evaluate } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { plainIndex } from "../../test/vectors.ts";
import { openBiEncoder } from "../bi-encoder/open-bi-encoder.ts";
import { fuseRuns } from "../fusion/fuse.ts";
import { mineRankings } from "../negatives/mine.ts";
import { neighbourhood } from "./neighbourhood.ts";
import { searchIndex } from "./retrieve.ts";

const minilm = process.env.PROPRIA_MINILM ?? "";
const cranfield = join(process.env.PROPRIA_DATA ?? "", "cranfield");
const TOLERANCE = 0.003; // another BM25 program, and ties

/** By sentence-transformers 6.2 and bm25s over the same files: zero-shot MiniLM, BM25, their reciprocal rank fusion (k 60, 1000 of each). */
const EXPECTED = { minilm: 0.374, bm25: 0.316, fused: 0.4 };

describe("retrieval from cranfield", () => {
  it.skipIf(!existsSync(minilm) || !existsSync(cranfield))(
    "gives sentence-transformers' nDCG@10 with MiniLM, and the known one of its fusion with BM25",
    async () => {
      const collection = await openCollection(cranfield);
      const qrels = await collection.qrels("test");
      const asked = await queriesOf(collection, "test");
      const documents: { id: string; text: string }[] = [];
      for await (const document of collection.documents())
        documents.push({ id: document.id, text: documentText(document) });

      const model = await openBiEncoder(minilm);
      const vectors = new Map<string, number[]>();
      for await (const { ids, vectors: rows } of model.encodeStream(documents, { side: "document" }))
        for (const [i, id] of ids.entries())
          vectors.set(id, [...rows.subarray(i * model.dimensions, (i + 1) * model.dimensions)]);
      const dense = await searchIndex(model, plainIndex(vectors, model.space), asked);
      const index = await buildIndex(documents);
      const lexical = await searchAll(asked, (query) => bm25(index, query));

      const value = (run: typeof dense) => evaluate(qrels, run, ["nDCG@10"]).mean["nDCG@10"]!;
      expect(Math.abs(value(dense) - EXPECTED.minilm)).toBeLessThan(TOLERANCE);
      expect(Math.abs(value(lexical) - EXPECTED.bm25)).toBeLessThan(TOLERANCE);
      expect(Math.abs(value(fuseRuns([lexical, dense])) - EXPECTED.fused)).toBeLessThan(TOLERANCE);

      for await (const { queryId, documentIds } of mineRankings(dense, qrels))
        expect(documentIds.filter((id) => (qrels.get(queryId)!.get(id) ?? 0) > 0)).toEqual([]);

      const [query] = asked;
      const judged = [...qrels.get(query!.id)!];
      const { auc } = neighbourhood({
        query: await model.encodeQueries([query!.text]),
        documents: Float32Array.from([...judged.map(([id]) => vectors.get(id)!), ...vectors.values()].flat()),
        grades: [...judged.map(([, grade]) => grade), ...[...vectors.keys()].map(() => 0)],
      });
      expect(auc).toBeGreaterThan(0.8);
      await model.release();
    },
    300_000,
  );
});
