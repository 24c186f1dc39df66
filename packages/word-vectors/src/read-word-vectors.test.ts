import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWordVectors, type WordVectors, writeWordVectors } from "./index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "word-vectors-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(text: string, name = "vectors.txt"): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}
const wing: WordVectors = { words: ["wing", "tip"], dimensions: 2, data: Float32Array.of(0.5, -1, 2, 0.25) };

describe("readWordVectors", () => {
  it.each([
    ["word2vec's text", "2 2\nwing 0.5 -1\ntip 2 .25\n", "v.txt"],
    ["fastText's, with a space at each end", "2 2\nwing 0.5 -1 \ntip 2 2.5e-1 \n", "v.vec"],
    ["GloVe's, without a first line of counts", "wing 0.5 -1\ntip 2 0.25\n", "v.glove"],
    ["gzip", "2 2\r\nwing 0.5 -1\r\ntip 2 0.25", "v.gz"],
  ])("reads %s", async (_, text, name) => expect(await readWordVectors(written(text, name))).toEqual(wing));

  it("takes a word with spaces, and of one that stands twice the first", async () => {
    const { words, data } = await readWordVectors(written("a 1 2\n. . . 3 4\na 5 6\n"));
    expect([words, [...data]]).toEqual([
      ["a", ". . ."],
      [1, 2, 3, 4],
    ]);
  });

  it("keeps only the words that are wanted", async () => {
    const path = written("a 1 2\nb 3 4\nc 5 6\n");
    const { words, data } = await readWordVectors(path, { words: new Set(["c", "a", "z"]) });
    expect([words, [...data]]).toEqual([
      ["a", "c"],
      [1, 2, 5, 6],
    ]);
  });

  it.each([
    ["a 1 2\nb 3\n", ":2", "expected a word and 2 numbers, found 1 numbers"],
    ["2 2\na 1 2\nb 3 x\n", ":3", 'expected 2 numbers at the end, found "x"'],
    ["2 2\na 1 2\nb 3  4\n", ":3", 'expected 2 numbers at the end, found ""'],
    ["a 1 2\n\nb 3 4\n", ":2", "is empty"],
    ["3 2\na 1 2\nb 3 4\n", ":3", "the file ends after 2 words, its first line says 3"],
    ["only\n", ":1", "expected a word and its numbers"],
    ["a 1 NaN\n", ":1", "expected 2 numbers"],
  ])("refuses %j at its line", async (text, line, what) => {
    const path = written(text);
    await expect(readWordVectors(path)).rejects.toMatchObject({ code: "VECTORS_LINE", at: path + line });
    await expect(readWordVectors(path)).rejects.toThrow(what);
  });

  it("refuses a file without a vector that is wanted, and one that is not there", async () => {
    await expect(readWordVectors(written(""))).rejects.toMatchObject({ code: "VECTORS_EMPTY" });
    const none = readWordVectors(written("a 1 2\n"), { words: new Set(["z"]) });
    await expect(none).rejects.toThrow("none of its 1 words is wanted");
    await expect(readWordVectors(join(folder, "none"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("writeWordVectors", () => {
  it("writes what is read again, bit for bit", async () => {
    const data = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i * 7.3) / 3 ** (i % 30));
    const vectors = { words: ["é", "b2", "中"], dimensions: 100, data };
    for (const name of ["out.txt", "out.vec.gz"]) {
      await writeWordVectors(join(folder, name), vectors);
      expect(await readWordVectors(join(folder, name))).toEqual(vectors);
    }
    expect(gunzipSync(readFileSync(join(folder, "out.vec.gz"))).equals(readFileSync(join(folder, "out.txt")))).toBe(
      true,
    );
  });

  it("writes the shortest numbers that will do", async () => {
    await writeWordVectors(join(folder, "short.txt"), { words: ["a"], dimensions: 2, data: Float32Array.of(0.1, -3) });
    expect(readFileSync(join(folder, "short.txt"), "utf8")).toBe("1 2\na 0.1 -3\n");
  });

  it("refuses a word that no reader would find again", async () => {
    const odd = { words: ["new york"], dimensions: 1, data: Float32Array.of(1) };
    await expect(writeWordVectors(join(folder, "odd"), odd)).rejects.toMatchObject({ code: "WORD_SPACE" });
  });
});
