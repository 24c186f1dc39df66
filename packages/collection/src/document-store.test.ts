import { appendFileSync, existsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { all, folderWith } from "../test/temporary-folder.ts";
import { corpusHash, DocumentStore } from "./index.ts";

const documents = Array.from({ length: 1000 }, (_, i) => ({
  id: `document-${i}`,
  title: i % 3 === 0 ? "" : `Títle ${i}`,
  text: "😀 text\n".repeat(i % 7),
}));

describe("DocumentStore", () => {
  it("gives every document by its number, and every number by its id", async () => {
    const folder = join(folderWith(), "store");
    const created = await DocumentStore.create(folder, documents);
    created.close();
    const store = DocumentStore.open(folder);
    expect(store.size).toBe(1000);
    for (const i of [999, 0, 500, 1, 998]) expect(store.at(i)).toEqual(documents[i]);
    expect(documents.map(({ id }) => store.indexOf(id))).toEqual(documents.map((_, i) => i));
    expect(store.indexOf("document-1000")).toBeUndefined();
    expect(store.indexOf("")).toBeUndefined();
    store.close();
  });

  it("is a corpus with the hash of the documents", async () => {
    const store = await DocumentStore.create(join(folderWith(), "store"), documents);
    expect(await all(store.documents())).toEqual(documents);
    expect(store.hash).toBe(await corpusHash(store));
    store.close();
  });

  it("holds no document where there is none", async () => {
    const store = await DocumentStore.create(join(folderWith(), "store"), []);
    expect([store.size, store.indexOf("a"), await all(store.documents())]).toEqual([0, undefined, []]);
    expect(() => store.at(0)).toThrow(RangeError);
    store.close();
  });

  it("refuses numbers outside, and any after close", async () => {
    const store = await DocumentStore.create(join(folderWith(), "store"), documents.slice(0, 2));
    for (const index of [-1, 2, 0.5, Number.NaN]) expect(() => store.at(index)).toThrow(`document ${index} of 2`);
    store.close();
    store.close();
    expect(() => store.at(0)).toThrow("is closed");
  });

  it("refuses an id twice, one with spaces, and a folder that is not empty; leaves nothing", async () => {
    const folder = folderWith({ "full/x": "" });
    const twice = [documents[0]!, documents[1]!, documents[0]!];
    await expect(DocumentStore.create(join(folder, "store"), twice)).rejects.toMatchObject({ code: "DUPLICATE_ID" });
    const spaced = [{ ...documents[0]!, id: "document 0" }];
    await expect(DocumentStore.create(join(folder, "store"), spaced)).rejects.toMatchObject({ code: "ID_SPACE" });
    expect([existsSync(join(folder, "store")), existsSync(join(folder, "store.tmp"))]).toEqual([false, false]);
    await expect(DocumentStore.create(join(folder, "full"), documents)).rejects.toMatchObject({ code: "OUT_EXISTS" });
  });

  it("tells a missing and a damaged store", async () => {
    const folder = folderWith();
    expect(() => DocumentStore.open(join(folder, "none"))).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    const damaged = async (name: string, damage: (file: string) => void, file: string) => {
      (await DocumentStore.create(join(folder, name), documents)).close();
      damage(join(folder, name, file));
      expect(() => DocumentStore.open(join(folder, name)), name).toThrow(expect.objectContaining({ code: "STORE" }));
    };
    await damaged("longer", (file) => appendFileSync(file, "x"), "documents.jsonl");
    await damaged("shorter", (file) => truncateSync(file, 1234), "documents.jsonl");
    await damaged("offsets", (file) => truncateSync(file, 801), "offsets.f64");
    await damaged("ids", (file) => truncateSync(file, 400), "ids.u32");
    await damaged("manifest", (file) => writeFileSync(file, "{"), "store.json");
    await damaged("version", (file) => writeFileSync(file, '{"format":9,"size":1000,"hash":""}'), "store.json");
  });
});
