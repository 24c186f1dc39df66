import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { dataFolder } from "../../test/data-folder.ts";
import { folderWith } from "../../test/temporary-folder.ts";
import { readQrels, readRankings, readRun, writeRun } from "../index.ts";

describe("readRun", () => {
  const documents = async (text: string) =>
    [...(await readRun(join(folderWith({ run: text }), "run"))).get("q")!]
      .map(({ documentId }) => documentId)
      .join(" ");

  it("puts the documents in the order of their ranks, or of the file where a rank is no number", async () => {
    expect(await documents("q Q0 b 2 1.5 t\nq Q0 a 1 9 t\nq Q0 c 10 1e-3 t\n")).toBe("a b c");
    expect(await documents("q Q0 b - 1.5 t\nq Q0 a - 9 t\n")).toBe("b a");
    expect(await documents("q\tQ0\tb\t0\t1.5\tt\nq\tQ0\ta\t0\t9\tt")).toBe("b a");
  });

  it.each([
    ["q Q0 d 1 2.5\n", 1, "expected 6 fields, found 5 (write: query Q0 document rank score tag)"],
    ["q Q0 d 1 2 t\nq Q0 e 2 high t\n", 2, 'the score is "high" (a number)'],
    ["q Q0 d 1 2 t\nq Q0 e 2 nan t\n", 2, 'the score is "nan" (a number)'],
    ["q Q0 d 1 2 t\np Q0 d 1 2 t\nq Q0 d 2 1 t\n", 3, 'document "d" was there before for query "q"'],
  ])("names the line in %j", async (text, line, message) => {
    const path = join(folderWith({ run: text }), "run");
    await expect(readRun(path)).rejects.toMatchObject({ code: "RUN_LINE", message: `${path}:${line}: ${message}` });
  });

  it("refuses an empty file", async () => {
    await expect(readRun(join(folderWith({ run: "" }), "run"))).rejects.toMatchObject({ code: "EMPTY" });
  });
});

describe("readRankings", () => {
  it("gives each query once its last line is read, with the documents that readRun gives it", async () => {
    const lines = ["p Q0 a 2 1 t", "q Q0 a 1 3 t", "p Q0 b 1 2 t", "# a note", "r Q0 c 1 1 t", "q Q0 c 2 1 t"];
    const path = join(folderWith({ run: lines.join("\n") }), "run");
    const rankings = [];
    for await (const ranking of readRankings(path)) rankings.push(ranking);
    expect(rankings.map(({ queryId }) => queryId)).toEqual(["p", "r", "q"]);
    const run = await readRun(path);
    for (const { queryId, documents } of rankings) expect(documents).toEqual(run.get(queryId));
  });

  it("streams from file to file", async () => {
    const folder = folderWith({ run: "p Q0 a 1 2 t\np Q0 b 2 1 t\nq Q0 a 1 3 t\n" });
    await writeRun(join(folder, "copy"), readRankings(join(folder, "run")), { tag: "t" });
    expect(readFileSync(join(folder, "copy"), "utf8")).toBe(readFileSync(join(folder, "run"), "utf8"));
  });

  it("refuses what readRun refuses", async () => {
    const read = async (text: string) => {
      for await (const _ of readRankings(join(folderWith({ run: text }), "run")));
    };
    await expect(read("")).rejects.toMatchObject({ code: "EMPTY" });
    await expect(read("q Q0 d 1 2 t\nq Q0 d 2 1 t\n")).rejects.toMatchObject({ code: "RUN_LINE" });
    await expect(read("q Q0 d 1\n")).rejects.toMatchObject({ code: "RUN_LINE" });
  });
});

describe("writeRun", () => {
  const run = new Map([
    [
      "q1",
      [
        { documentId: "a", score: 1 / 3 },
        { documentId: "b", score: 2 },
        { documentId: "c", score: 1 / 3 },
      ],
    ],
    ["q2", [{ documentId: "a", score: -1e-9 }]],
  ]);

  it("writes best first as trec_eval orders, with ranks from 1 and every digit of the scores", async () => {
    const path = join(folderWith(), "new/folder/run");
    await writeRun(path, run, { tag: "bm25" });
    expect(readFileSync(path, "utf8")).toBe(
      "q1 Q0 b 1 2 bm25\nq1 Q0 c 2 0.3333333333333333 bm25\nq1 Q0 a 3 0.3333333333333333 bm25\nq2 Q0 a 1 -1e-9 bm25\n",
    );
    const read = await readRun(path);
    expect(read.get("q1")!.map(({ score }) => score)).toEqual([2, 1 / 3, 1 / 3]);
    expect(read.get("q2")).toEqual(run.get("q2"));
  });

  it("compresses where the path says so", async () => {
    const path = join(folderWith(), "run.gz");
    await writeRun(path, run);
    expect([...readFileSync(path).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect((await readRun(path)).size).toBe(2);
  });

  it.each([
    ["an id with a space", new Map([["q", [{ documentId: "a b", score: 1 }]]]), "bm25", "ID_SPACE"],
    ["a tag of two words", run, "my bm25", "ID_SPACE"],
    ["a score that is no number", new Map([["q", [{ documentId: "a", score: Number.NaN }]]]), "bm25", "RUN_SCORE"],
  ])("refuses %s and leaves the file that was there", async (_, bad, tag, code) => {
    const folder = folderWith({ run: "old" });
    await expect(writeRun(join(folder, "run"), bad, { tag })).rejects.toMatchObject({ code });
    expect([readFileSync(join(folder, "run"), "utf8"), existsSync(join(folder, "run.tmp"))]).toEqual(["old", false]);
  });
});

describe.skipIf(!existsSync(dataFolder))("trec_eval's own run (set PROPRIA_DATA)", () => {
  it("read, written and read again, has the values that trec_eval prints", async () => {
    const file = (name: string) => join(dataFolder, "reference/trec_eval-test", name);
    const copy = join(folderWith(), "run");
    await writeRun(copy, await readRun(file("results.test")));
    const { mean } = evaluate(await readQrels(file("qrels.test")), await readRun(copy), ["AP", "RR", "P@10"]);
    expect(Object.values(mean).map((value) => value.toFixed(4))).toEqual(["0.1785", "0.4064", "0.3000"]);
  });
});
