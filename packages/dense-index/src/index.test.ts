import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndex, type IndexOptions, openIndex } from "./index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "propria-index-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const faissLoads = ((): boolean => {
  process.env.OMP_NUM_THREADS = "1"; // OpenMP reads it when the first library in the process loads it: here, before the worker asks for one thread
  try {
    createRequire(import.meta.url)("faiss-node");
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/faiss|bindings/i);
    return false;
  }
})();

/** Uniform numbers; for every test of this file others. */
function vectors(count: number, dimensions: number, seed = 1): Float32Array {
  const random = seeded(seed, "vectors");
  return Float32Array.from({ length: count * dimensions }, () => random() - 0.5);
}
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `d${i}`);

describe("createIndex", () => {
  const base = { kind: "exact", dimensions: 4, similarity: "dot" } as const;
  it.each<[Record<string, unknown>, string]>([
    [{ kind: "ivf" }, "INDEX_KIND"],
    [{ kind: "faiss:IDMap,Flat" }, "FAISS_FACTORY"],
    [{ kind: "faiss:PQ3" }, "FAISS_FACTORY"],
    [{ dimensions: 0 }, "DIMENSIONS"],
    [{ dimensions: 1.5 }, "DIMENSIONS"],
    [{ similarity: "l2" }, "OPTION_INVALID"],
    [{ threads: 0 }, "OPTION_INVALID"],
    [{ efSearch: 10 }, "OPTION_INVALID"],
    [{ quantize: "int4" }, "OPTION_INVALID"],
    [{ kind: "hnsw", quantize: "int8" }, "OPTION_INVALID"],
    [{ kind: "hnsw", efSearch: 0 }, "OPTION_INVALID"],
    [{ kind: "hnsw", precision: "f8" }, "OPTION_INVALID"],
    [{ kind: "hnsw", precision: "i8" }, "OPTION_INVALID"],
    [{ kind: "faiss:IVF4,Flat", nprobe: 5 }, "OPTION_INVALID"],
    [{ kind: "faiss:Flat", nprobe: 1 }, "OPTION_INVALID"],
  ])("refuses %j: %s", async (wrong, code) => {
    await expect(createIndex({ ...base, ...wrong } as IndexOptions)).rejects.toMatchObject({ code });
  });

  it.each([
    ["hsnw", "did you mean hnsw?"],
    ["Exact", "did you mean exact?"],
    ["fais:Flat", "did you mean faiss:FACTORY?"],
    ["tree", "there are exact, hnsw and faiss:FACTORY"],
  ])("offers what may be meant by the kind %s", async (kind, mend) => {
    await expect(createIndex({ ...base, kind } as IndexOptions)).rejects.toThrow(`(${mend}`);
  });

  it("says which documents it has", async () => {
    const index = await createIndex(base);
    await index.add(names(2), vectors(2, 4));
    await index.delete(["d0"]);
    expect(["d0", "d1", "d2"].map((id) => index.has(id))).toEqual([false, true, false]);
    await index.release();
  });
});

describe("exact", () => {
  it("scores across blocks, and gives equal vectors equal scores wherever they are", async () => {
    const dimensions = 3000; // 2,048 rows in a block
    const index = await createIndex({ kind: "exact", dimensions, similarity: "dot" });
    const some = vectors(1, dimensions);
    const many = new Float32Array(2100 * dimensions);
    for (const row of [0, 1, 700, 2047, 2048, 2099]) many.set(some, row * dimensions);
    await index.add(names(2100), many);
    for (const depth of [1, 4, 6]) {
      const [found] = await index.search(some, { depth });
      expect(found!.map(({ documentId }) => documentId)).toEqual(
        ["d700", "d2099", "d2048", "d2047", "d1", "d0"].slice(0, depth),
      );
      expect(new Set(found!.map(({ score }) => score)).size).toBe(1);
    }
    await index.release();
  });

  it("finds all ties of a cosine when vectors differ in length alone", async () => {
    const index = await createIndex({ kind: "exact", dimensions: 3, similarity: "cosine" });
    await index.add(["a", "b", "c"], Float32Array.of(1, 0, 0, 2, 0, 0, 0.25, 0, 0));
    expect(await index.search(Float32Array.of(7, 0, 0), { depth: 2 })).toEqual([
      [
        { documentId: "c", score: 1 },
        { documentId: "b", score: 1 },
      ],
    ]);
    await index.release();
  });

  it("takes a quarter of the memory with int8", async () => {
    const sizes: number[] = [];
    for (const quantize of [undefined, "int8"] as const) {
      const index = await createIndex({
        kind: "exact",
        dimensions: 128,
        similarity: "dot",
        ...(quantize ? { quantize } : {}),
      });
      await index.add(names(1024), vectors(1024, 128));
      sizes.push(index.info().bytes);
      await index.release();
    }
    expect(sizes[1]! / sizes[0]!).toBeLessThan(0.27);
  });
});

describe.each(["hnsw", ...(faissLoads ? (["faiss:HNSW16", "faiss:IVF10,Flat"] as const) : [])] as const)(
  "%s",
  (kind) => {
    const options = { kind, dimensions: 24, similarity: "cosine", threads: 1 } as const;

    it("is the same each time with one thread", async () => {
      const answers: unknown[] = [];
      for (let time = 0; time < 2; time++) {
        const index = await createIndex(options);
        await index.add(names(2000), vectors(2000, 24));
        answers.push(await index.search(vectors(50, 24, 2), { depth: 10 }));
        await index.release();
      }
      expect(answers[1]).toEqual(answers[0]);
    });

    it("is searched more broadly when it is opened so", async () => {
      const index = await createIndex({ ...options, ...(kind.includes("IVF") ? { nprobe: 1 } : { efSearch: 10 }) });
      await index.add(names(3000), vectors(3000, 24));
      const queries = vectors(100, 24, 2);
      const exact = await createIndex({ kind: "exact", dimensions: 24, similarity: "cosine" });
      await exact.add(names(3000), vectors(3000, 24));
      const wanted = await exact.search(queries, { depth: 10 });
      const recall = (found: typeof wanted): number =>
        found.reduce((sum, documents, i) => {
          const those = new Set(wanted[i]!.map(({ documentId }) => documentId));
          return sum + documents.filter(({ documentId }) => those.has(documentId)).length / 10;
        }, 0) / wanted.length;
      const path = join(folder, kind.replace(/\W/g, "-"));
      await index.save(path);
      const broad = await openIndex(path, {
        threads: 1,
        ...(kind.includes("IVF") ? { nprobe: 10 } : { efSearch: 400 }),
      });
      const [narrowRecall, broadRecall] = [
        recall(await index.search(queries, { depth: 10 })),
        recall(await broad.search(queries, { depth: 10 })),
      ];
      expect(broadRecall).toBeGreaterThan(Math.max(0.98, narrowRecall + 0.05));
      for (const each of [index, exact, broad]) await each.release();
    });
  },
);

describe.skipIf(!faissLoads)("faiss", () => {
  it("says how many vectors a training needs, when it is needed", async () => {
    const index = await createIndex({ kind: "faiss:IVF50,Flat", dimensions: 4, similarity: "dot" });
    await index.add(names(49), vectors(49, 4));
    const message = /49 vectors, 50 are needed to train/;
    await expect(index.search(new Float32Array(4), { depth: 1 })).rejects.toThrow(message);
    await expect(index.save(join(folder, "untrained"))).rejects.toThrow(message);
    await index.add(["another"], vectors(1, 4, 3));
    expect((await index.search(new Float32Array(4), { depth: 1 }))[0]).toHaveLength(1);
    await index.release();
  });

  it("keeps the event loop free while it builds", async () => {
    const index = await createIndex({ kind: "faiss:HNSW32", dimensions: 64, similarity: "dot" });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await index.add(names(4000), vectors(4000, 64));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
    await index.release();
  });

  it("does not change its threads in mid-process", async () => {
    const used = (await createIndex({ kind: "faiss:Flat", dimensions: 2, similarity: "dot" })).info().options
      .threads as number;
    await expect(
      createIndex({ kind: "faiss:Flat", dimensions: 2, similarity: "dot", threads: used + 1 }),
    ).rejects.toMatchObject({ code: "FAISS_THREADS" });
  });
});
