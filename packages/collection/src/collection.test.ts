import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { dataFolder } from "../test/data-folder.ts";
import { all, folderWith } from "../test/temporary-folder.ts";
import { openCollection, openCorpus, queriesOf } from "./index.ts";

const CORPUS = '{"_id": "d1", "title": "One", "text": "first"}\n{"_id": "d2", "text": ""}\n';
const QUERIES = '{"_id": "q1", "text": "what"}\n{"_id": "q2", "text": "why"}\n{"_id": "q3", "text": "who"}\n';
const HEADER = "query-id\tcorpus-id\tscore\n";
const beir = (more: Record<string, string | Uint8Array> = {}) =>
  folderWith({
    "c/corpus.jsonl": CORPUS,
    "c/queries.jsonl": QUERIES,
    "c/qrels/test.tsv": `${HEADER}q3\td1\t1\nq1\td1\t2\n`,
    "c/qrels/dev.tsv": `${HEADER}q2\td2\t1\n`,
    ...more,
  });

describe("openCollection", () => {
  it("reads a folder in BEIR layout, any number of times", async () => {
    const collection = await openCollection(join(beir(), "c"));
    expect(collection.name).toBe("c");
    const documents = [
      { id: "d1", title: "One", text: "first" },
      { id: "d2", title: "", text: "" },
    ];
    expect(await all(collection.documents())).toEqual(documents);
    expect(await all(collection.documents())).toEqual(documents);
    expect(await all(collection.queries())).toHaveLength(3);
    expect(await collection.splits()).toEqual(["dev", "test"]);
    expect(await collection.qrels("test")).toEqual(
      new Map([
        ["q3", new Map([["d1", 1]])],
        ["q1", new Map([["d1", 2]])],
      ]),
    );
  });

  it("reads gzip files in their place", async () => {
    const folder = folderWith({
      "corpus.jsonl.gz": gzipSync(CORPUS),
      "queries.jsonl.gz": gzipSync(QUERIES),
      "qrels/train.tsv.gz": gzipSync(`${HEADER}q1\td1\t1\n`),
    });
    const collection = await openCollection(`beir:${folder}`);
    expect(await all(collection.documents())).toHaveLength(2);
    expect((await queriesOf(collection, "train")).map(({ id }) => id)).toEqual(["q1"]);
  });

  it("names the splits there are for one that is not", async () => {
    const collection = await openCollection(join(beir(), "c"));
    await expect(collection.qrels("tset")).rejects.toThrow(
      'c: no split "tset" (did you mean test? there are: dev, test)',
    );
    const without = await openCollection(folderWith({ "corpus.jsonl": CORPUS }));
    expect(await without.splits()).toEqual([]);
    await expect(without.qrels("test")).rejects.toThrow('no split "test" (there are no judgments in it)');
    await expect(all(without.queries())).rejects.toThrow("no queries.jsonl or queries.jsonl.gz");
  });

  it.each([
    ["none", "NOT_FOUND", "none: no such file or folder"],
    [".", "NOT_FOUND", ": no corpus.jsonl or corpus.jsonl.gz"],
    ["bier:c", "UNKNOWN_FORMAT", 'bier:c: no format "bier" here (did you mean beir? there are: beir, packages)'],
    ["xml:c", "UNKNOWN_FORMAT", 'no format "xml" here (there are: beir, packages)'],
    ["packages:none", "NOT_FOUND", "none: no such file or folder"],
  ])("refuses %s", async (spec, code, message) => {
    const there = spec.includes(":") ? spec : join(beir(), spec);
    await expect(openCollection(there)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe("openCorpus", () => {
  it("reads a collection, one file, and a folder of parts in the order of their names", async () => {
    const line = (id: string) => `{"_id":"${id}","text":"t"}\n`;
    const folder = beir({
      "parts/part-01.jsonl": line("b"),
      "parts/part-00.jsonl.gz": gzipSync(line("a")),
      "parts/README.md": "",
    });
    const ids = async (spec: string) => (await all((await openCorpus(spec)).documents())).map(({ id }) => id);
    expect(await ids(join(folder, "c"))).toEqual(["d1", "d2"]);
    expect(await ids(join(folder, "parts"))).toEqual(["a", "b"]);
    expect(await ids(join(folder, "parts/part-01.jsonl"))).toEqual(["b"]);
    expect(await ids(`jsonl:${join(folder, "parts")}`)).toEqual(["a", "b"]);
    expect((await openCorpus(join(folder, "parts"))).name).toBe("parts");
    expect((await openCorpus(join(folder, "parts/part-00.jsonl.gz"))).name).toBe("part-00");
  });

  it("refuses a folder without documents", async () => {
    await expect(openCorpus(folderWith({ "notes.txt": "" }))).rejects.toThrow(
      "no corpus.jsonl and no other *.jsonl or *.jsonl.gz",
    );
  });

  it("takes a whole number for an id", async () => {
    const folder = folderWith({ "c.jsonl": '{"_id": 7, "text": "t"}\n' });
    expect(await all((await openCorpus(join(folder, "c.jsonl"))).documents())).toEqual([
      { id: "7", title: "", text: "t" },
    ]);
  });

  const GOOD = '{"_id": "a", "text": "t"}\n';
  const FORM = '(a line is {"_id": "d1", "title": "…", "text": "…"})';
  const WORD = "(write it as one word, the same in judgments and runs, whose columns are apart by spaces)";
  it.each([
    ["an empty line", `${GOOD}\n${GOOD}`, 2, "JSON_LINE", `the line is empty ${FORM}`],
    [
      "a line cut off",
      `${GOOD}{"_id": "b", "tex`,
      2,
      "JSON_LINE",
      `the line is cut off: the file ends after "{\\"_id\\": \\"b\\", \\"tex" ${FORM}`,
    ],
    [
      "a line that is no JSON",
      `${GOOD}${GOOD.replace('"a"', '"b"')}_id: c\n`,
      3,
      "JSON_LINE",
      `expected a JSON object, found "_id: c" ${FORM}`,
    ],
    ["a line that is no object", "[1]\n", 1, "JSON_LINE", `expected an object, found "[1]" ${FORM}`],
    ["a missing id", '{"id": "a", "text": "t"}\n', 1, "JSON_LINE", `no "_id" ${FORM}`],
    ["an id that is no text", '{"_id": 1.5, "text": "t"}\n', 1, "JSON_LINE", `"_id" is no text ${FORM}`],
    ["an empty id", '{"_id": "", "text": "t"}\n', 1, "ID_SPACE", `the id "" is empty ${WORD}`],
    ["an id with a space", `${GOOD}{"_id": "b c", "text": "t"}\n`, 2, "ID_SPACE", `the id "b c" has spaces ${WORD}`],
    ["an id with a tab", '{"_id": "b\\tc", "text": "t"}\n', 1, "ID_SPACE", `the id "b\\tc" has spaces ${WORD}`],
    [
      "an id that would be a comment",
      '{"_id": "#1", "text": "t"}\n',
      1,
      "ID_SPACE",
      `the id "#1" begins with # ${WORD}`,
    ],
    ["a missing text", '{"_id": "a"}\n', 1, "JSON_LINE", `no "text" ${FORM}`],
    [
      "a title that is no text",
      '{"_id": "a", "title": 3, "text": "t"}\n',
      1,
      "JSON_LINE",
      `"title" is no text ${FORM}`,
    ],
    ["an id twice", `${GOOD}${GOOD}`, 2, "DUPLICATE_ID", 'the id "a" was there before (every _id once)'],
  ])("names file and line for %s", async (_, text, line, code, message) => {
    const folder = folderWith({ "corpus.jsonl": text });
    const at = `${join(folder, "corpus.jsonl")}:${line}`;
    await expect(all((await openCorpus(folder)).documents())).rejects.toMatchObject({
      code,
      at,
      message: `${at}: ${message}`,
    });
  });

  it("names file and line of a query's id that no run could hold", async () => {
    const folder = folderWith({ "corpus.jsonl": GOOD, "queries.jsonl": `${GOOD}{"_id": "b\\nc", "text": "t"}\n` });
    await expect(all((await openCollection(folder)).queries())).rejects.toMatchObject({
      code: "ID_SPACE",
      at: `${join(folder, "queries.jsonl")}:2`,
    });
  });

  it("finds an id that another part has", async () => {
    const folder = folderWith({ "a.jsonl": GOOD, "b.jsonl": GOOD });
    await expect(all((await openCorpus(folder)).documents())).rejects.toMatchObject({
      at: `${join(folder, "b.jsonl")}:1`,
    });
  });

  it("refuses an empty file", async () => {
    const folder = folderWith({ "corpus.jsonl": "" });
    await expect(all((await openCorpus(folder)).documents())).rejects.toThrow(
      "corpus.jsonl: there is no document in it",
    );
  });
});

describe("queriesOf", () => {
  it("gives the queries with judgments in a split, in the order of their file", async () => {
    const collection = await openCollection(join(beir(), "c"));
    expect(await queriesOf(collection, "test")).toEqual([
      { id: "q1", text: "what" },
      { id: "q3", text: "who" },
    ]);
  });

  it("tells a judged query without text", async () => {
    const collection = await openCollection(join(beir({ "c/qrels/bad.tsv": "q1\td1\t1\nq9\td1\t1\n" }), "c"));
    await expect(queriesOf(collection, "bad")).rejects.toThrow('c: no text for query "q9", which has judgments in bad');
  });
});

// Counts from the READMEs of the data folders.
describe.skipIf(!existsSync(dataFolder))("real collections (set PROPRIA_DATA)", () => {
  it.each([
    ["cranfield", 1400, 225, { test: [225, 1837] }],
    ["cisi", 1460, 112, { test: [76, 3114] }],
    ["npl", 11429, 93, { test: [93, 2083] }],
    ["time", 423, 83, { test: [83, 324] }],
    ["wikiqa", 11406, 1242, { dev: [126, 1130], test: [243, 2350], train: [873, 8672] }],
    ["xquad-zh", 240, 1190, { test: [1190, 1190] }],
    ["cmrc2018", 1104, 4219, { dev: [1000, 1000], test: [3219, 3219] }],
  ])("reads %s", async (name, documents, queries, splits) => {
    const collection = await openCollection(join(dataFolder, name));
    expect(await all(collection.documents())).toHaveLength(documents);
    expect(await all(collection.queries())).toHaveLength(queries);
    expect(await collection.splits()).toEqual(Object.keys(splits));
    for (const [split, [judged, judgments]] of Object.entries(splits)) {
      const qrels = await collection.qrels(split);
      expect([qrels.size, [...qrels.values()].reduce((sum, of) => sum + of.size, 0)]).toEqual([judged, judgments]);
      expect(await queriesOf(collection, split)).toHaveLength(judged!);
    }
  });

  it.each([
    ["text-en-wikipedia", 3567, 60006106],
    ["text-zh-wikipedia", 9505, 30000437],
  ])("reads the parts of %s", async (name, articles, textBytes) => {
    let count = 0;
    let bytes = 0;
    for await (const { text } of (await openCorpus(join(dataFolder, name))).documents()) {
      count++;
      bytes += Buffer.byteLength(text);
    }
    expect(count).toBe(articles);
    expect(Math.abs(bytes / textBytes - 1)).toBeLessThan(0.01); // the README counts what is raw text a little otherwise
  });
});
