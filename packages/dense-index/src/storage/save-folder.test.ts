/** A real process is killed at random moments while it replaces an index again and again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { seeded } from "@propria/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndex, type IndexKind, openIndex } from "../index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "propria-saving-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

// Another process reads the build, which lies beside the worker.
const built = join(dirname(createRequire(import.meta.url).resolve("@propria/dense-index/worker")), "index.cjs");
const saver = (kind: IndexKind, path: string) => `
  import dense from ${JSON.stringify(pathToFileURL(built).href)};
  const index = await dense.createIndex({ kind: ${JSON.stringify(kind)}, dimensions: 64, similarity: "dot" });
  for (let n = 0; ; n++) {
    const vectors = Float32Array.from({ length: 500 * 64 }, (_, k) => Math.sin((n * 500 * 64 + k) ** 2));
    await index.add(Array.from({ length: 500 }, (_, i) => n + "-" + i), vectors);
    await index.save(${JSON.stringify(path)});
    process.stdout.write("saved " + n + "\\n");
  }`;
/** The vector of a document that the other process saved. */
const vectorOf = (n: number, i: number) =>
  Float32Array.from({ length: 64 }, (_, k) => Math.sin(((n * 500 + i) * 64 + k) ** 2));

const kinds: [IndexKind, rounds: number][] = [
  ["exact", 6],
  ["hnsw", 2],
  ...(faissLoads() ? ([["faiss:Flat", 2]] satisfies [IndexKind, number][]) : []),
];

describe("save", () => {
  it.each(kinds)(
    "leaves a whole %s, the last or the one before, whenever the process is killed",
    async (kind, rounds) => {
      const path = join(folder, `killed-${kind.replace(":", "-")}`);
      const script = join(folder, "saver.mjs");
      writeFileSync(script, saver(kind, path));
      const random = seeded(5, "kill", kind);
      for (let round = 0; round < rounds; round++) {
        const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
        let saved = -1;
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          saved = Number(text.trim().split(" ").at(-1));
        });
        await once(child.stdout, "data");
        await new Promise((resolve) => setTimeout(resolve, random.int(60)));
        child.kill("SIGKILL");
        await once(child, "close");
        const index = await openIndex(path);
        const saves = index.size / 500;
        expect(Number.isInteger(saves)).toBe(true);
        expect(saves - 1).toBeGreaterThanOrEqual(saved); // what it said was saved is there
        const [best] = await index.search(vectorOf(saves - 1, 499), { depth: 1 });
        expect(best![0]!.documentId).toBe(`${saves - 1}-499`);
        await index.release();
      }
      const index = await createIndex({ kind, dimensions: 64, similarity: "dot" });
      await index.save(path); // removes what the killed ones left
      await index.release();
      expect(readdirSync(path)).toHaveLength(2);
    },
  );

  it("replaces no folder that is something else", async () => {
    const path = join(folder, "precious");
    mkdirSync(path);
    writeFileSync(join(path, "thesis.tex"), "");
    const index = await createIndex({ kind: "exact", dimensions: 2, similarity: "dot" });
    await expect(index.save(path)).rejects.toMatchObject({ code: "OUT_EXISTS", at: path });
    await index.release();
    expect(readdirSync(path)).toEqual(["thesis.tex"]);
  });
});

function faissLoads(): boolean {
  try {
    createRequire(import.meta.url)("faiss-node");
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/faiss|MODULE_NOT_FOUND|bindings/i);
    return false;
  }
}
