import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { all, folderWith } from "../test/temporary-folder.ts";
import { readLines } from "./index.ts";

const linesOf = async (path: string) => (await all(readLines(path))).flatMap(({ lines }) => lines);
/** Text that gzip cannot make much smaller. */
const noise = (i: number) => createHash("sha512").update(String(i)).digest("base64");

describe("readLines", () => {
  it.each([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\r\n\r\nb\r\n", ["a", "", "b"]],
    ["\uFEFFa\n\uFEFFb\n", ["a", "\uFEFFb"]],
    ["é\n😀", ["é", "😀"]],
  ])("reads %j, plain and gzip", async (text, lines) => {
    const folder = folderWith({ plain: text, packed: gzipSync(text) });
    expect(await linesOf(join(folder, "plain"))).toEqual(lines);
    expect(await linesOf(join(folder, "packed"))).toEqual(lines);
  });

  it("keeps lines and characters whole that lie across reads, and numbers the batches", async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => "é😀".repeat((i * 37) % 500) + i);
    lines.push("long".repeat(500_000), "last");
    const folder = folderWith({ packed: gzipSync(lines.join("\n")) });
    const batches = await all(readLines(join(folder, "packed")));
    expect(batches.flatMap((batch) => batch.lines)).toEqual(lines);
    expect(batches.length).toBeGreaterThan(3);
    let number = 1;
    for (const batch of batches) {
      expect(batch.firstNumber).toBe(number);
      number += batch.lines.length;
    }
    expect(batches.map(({ endsOpen }) => endsOpen).lastIndexOf(true)).toBe(batches.length - 1);
  });

  it("reads gzip files of several members", async () => {
    const folder = folderWith({ packed: Buffer.concat([gzipSync("a\nb"), gzipSync("c\nd\n")]) });
    expect(await linesOf(join(folder, "packed"))).toEqual(["a", "bc", "d"]);
  });

  it("names the line at which a gzip file is cut off, after all lines before it", async () => {
    const packed = gzipSync(Array.from({ length: 20_000 }, (_, i) => `${i} ${noise(i)}`).join("\n"));
    const folder = folderWith({ packed: packed.subarray(0, packed.length / 2) });
    const read: string[] = [];
    const reading = (async () => {
      for await (const { lines } of readLines(join(folder, "packed"))) read.push(...lines);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "GZIP",
      message: expect.stringContaining("the gzip data is cut off"),
    });
    expect(read.length).toBeGreaterThan(5000);
    expect(read.at(-1)).toBe(`${read.length - 1} ${noise(read.length - 1)}`);
    await expect(reading).rejects.toMatchObject({ at: `${join(folder, "packed")}:${read.length + 1}` });
  });

  it("tells damaged gzip data", async () => {
    const packed = gzipSync(Array.from({ length: 2000 }, (_, i) => noise(i)).join("\n"));
    packed.fill(0xaa, packed.length / 2, packed.length / 2 + 200);
    const folder = folderWith({ packed });
    await expect(linesOf(join(folder, "packed"))).rejects.toMatchObject({
      code: "GZIP",
      at: expect.stringMatching(/packed:\d+$/),
    });
  });

  it("names the line that is no UTF-8", async () => {
    const folder = folderWith({ latin1: Buffer.from("a\nb\ncaf\xe9\nd\n", "latin1") });
    await expect(linesOf(join(folder, "latin1"))).rejects.toMatchObject({
      code: "ENCODING",
      at: `${join(folder, "latin1")}:3`,
    });
  });

  it("tells a missing file, and a folder in its place", async () => {
    const folder = folderWith();
    await expect(linesOf(join(folder, "none"))).rejects.toThrow(`${join(folder, "none")}: no such file or folder`);
    await expect(linesOf(folder)).rejects.toMatchObject({ code: "NOT_FOUND", at: folder });
  });

  it("can be left early", async () => {
    const folder = folderWith({ packed: gzipSync("a line\n".repeat(300_000)) });
    for await (const { lines } of readLines(join(folder, "packed"))) {
      expect(lines[0]).toBe("a line");
      break;
    }
  });
});
