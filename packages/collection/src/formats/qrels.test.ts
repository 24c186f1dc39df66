import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { dataFolder } from "../../test/data-folder.ts";
import { folderWith } from "../../test/temporary-folder.ts";
import { readQrels, writeQrels } from "../index.ts";

const qrels = new Map([
  [
    "q1",
    new Map([
      ["d1", 1],
      ["d2", 0],
    ]),
  ],
  ["q2", new Map([["d1", -1]])],
]);

describe("readQrels", () => {
  it.each([
    ["TREC's four columns", "q1 0 d1 1\nq1 0 d2 0\nq2 0 d1 -1\n"],
    ["tabs, comments and empty lines", "# made by hand\nq1\t0\td1\t1\r\n\nq1\t0\td2\t0\n  q2 0 d1 -1"],
    ["BEIR's header", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td1\t-1\n"],
    ["three columns without a header", "q1\td1\t1\nq1\td2\t0\nq2\td1\t-1\n"],
  ])("reads %s", async (_, text) => {
    const folder = folderWith({ qrels: text, "qrels.gz": gzipSync(text) });
    expect(await readQrels(join(folder, "qrels"))).toEqual(qrels);
    expect(await readQrels(join(folder, "qrels.gz"))).toEqual(qrels);
  });

  it.each([
    ["q1 0 d1 1\nq1 d2 0\n", 2, "expected 4 fields, found 3 (write: query 0 document grade)"],
    ["query-id corpus-id score\nq1 0 d1 1\n", 2, "expected 3 fields, found 4 (write: query document grade)"],
    ["q1 0 d1 0.5\n", 1, 'the grade is "0.5" (a whole number)'],
    ["q1 0 d1 yes\n", 1, 'the grade is "yes" (a whole number)'],
    ["q1 0 d1 1\nq1 0 d1 1\n", 2, 'document "d1" was judged before for query "q1"'],
  ])("names the line in %j", async (text, line, message) => {
    const path = join(folderWith({ qrels: text }), "qrels");
    await expect(readQrels(path)).rejects.toMatchObject({ code: "QRELS_LINE", message: `${path}:${line}: ${message}` });
  });

  it("refuses an empty file", async () => {
    await expect(readQrels(join(folderWith({ qrels: "\n" }), "qrels"))).rejects.toMatchObject({ code: "EMPTY" });
  });
});

describe("writeQrels", () => {
  it.each([
    ["test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td1\t-1\n"],
    ["test.qrels", "q1 0 d1 1\nq1 0 d2 0\nq2 0 d1 -1\n"],
  ])("writes %s in the format of its ending, and reads it back", async (name, text) => {
    const path = join(folderWith(), name);
    await writeQrels(path, qrels);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(await readQrels(path)).toEqual(qrels);
  });

  it("refuses an id that would not come back, and writes nothing", async () => {
    const path = join(folderWith(), "qrels");
    for (const id of ["a b", "", "#1"])
      await expect(writeQrels(path, new Map([[id, new Map([["d", 1]])]]))).rejects.toMatchObject({ code: "ID_SPACE" });
    expect([existsSync(path), existsSync(`${path}.tmp`)]).toEqual([false, false]);
  });
});

describe.skipIf(!existsSync(dataFolder))("TREC's own judgments (set PROPRIA_DATA)", () => {
  const file = (name: string) => join(dataFolder, "reference", name);

  it("reads them with comments between as without", async () => {
    const plain = await readQrels(file("trec_eval-test/qrels.test"));
    expect([...plain.values()].reduce((sum, of) => sum + of.size, 0)).toBe(3681);
    const commented = await readQrels(file("trec_eval-test/qrels.test.with-comments"));
    expect([...commented.keys()]).toEqual([...plain.keys()]);
  });

  it("reads MS MARCO's", async () => {
    expect((await readQrels(file("topics-qrels/qrels.msmarco-passage.dev-subset.txt"))).size).toBe(6980);
  });
});
