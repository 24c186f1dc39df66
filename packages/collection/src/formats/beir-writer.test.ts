import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { all, folderWith } from "../../test/temporary-folder.ts";
import { corpusHash, openCollection, writeBeir } from "../index.ts";

const documents = [
  { id: "d1", title: "One", text: 'two\nlines, "quoted"' },
  { id: "d2", title: "", text: "é 😀 \u2028" },
];
const queries = [{ id: "q1", text: "what" }];
const qrels = { train: new Map([["q1", new Map([["d1", 2]])]]), test: new Map([["q1", new Map([["d2", 1]])]]) };

describe("writeBeir", () => {
  it.each([false, true])("writes what openCollection reads (gzip: %s)", async (gzip) => {
    const folder = join(folderWith(), "c");
    await writeBeir(folder, { documents, queries, qrels }, { gzip });
    const ending = gzip ? ".jsonl.gz" : ".jsonl";
    expect(readdirSync(folder).sort()).toEqual([`corpus${ending}`, "qrels", `queries${ending}`]);
    const collection = await openCollection(folder);
    expect(await all(collection.documents())).toEqual(documents);
    expect(await all(collection.queries())).toEqual(queries);
    expect(await collection.splits()).toEqual(["test", "train"]);
    expect(await collection.qrels("train")).toEqual(qrels.train);
    expect(await corpusHash(collection)).toBe(
      await corpusHash({
        documents: async function* () {
          yield* documents;
        },
      }),
    );
  });

  it("refuses a folder that is not empty, and takes one that is", async () => {
    const folder = folderWith({ "full/notes": "", "empty/x/y": "" });
    await expect(writeBeir(join(folder, "full"), { documents })).rejects.toThrow(
      "full: the folder exists and is not empty (choose another one, or remove it)",
    );
    await writeBeir(folderWith(), { documents });
  });

  it("leaves nothing when the documents fail half way", async () => {
    const folder = join(folderWith(), "c");
    async function* failing() {
      yield documents[0]!;
      throw new Error("the source broke");
    }
    await expect(writeBeir(folder, { documents: failing() })).rejects.toThrow("the source broke");
    expect([existsSync(folder), existsSync(`${folder}.tmp`)]).toEqual([false, false]);
  });
});

describe("corpusHash", () => {
  it("changes with any title, text, id or the order", async () => {
    const hash = (list: typeof documents) =>
      corpusHash({
        documents: async function* () {
          yield* list;
        },
      });
    const [one, two] = documents as [(typeof documents)[0], (typeof documents)[0]];
    const hashes = await Promise.all(
      [
        [one, two],
        [two, one],
        [one],
        [{ ...one, title: "" }, two],
        [{ ...one, id: "d3" }, two],
        [{ ...one, text: "" }, two],
      ].map(hash),
    );
    expect(new Set(hashes).size).toBe(6);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});
