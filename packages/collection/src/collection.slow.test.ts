import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith } from "../test/temporary-folder.ts";
import { DocumentStore, openCorpus, writeBeir } from "./index.ts";

const DOCUMENTS = 200_000;
const LARGEST_GROWTH_BYTES = 200e6; // ids and buffers; the corpus itself has over 500 MB of text

async function* documents() {
  for (let i = 0; i < DOCUMENTS; i++) {
    const word = createHash("md5").update(String(i)).digest("hex");
    yield { id: `document-${i}`, title: word, text: `${word} `.repeat(80) };
  }
}

describe("memory", () => {
  it("does not grow with the corpus: written, read, and stored by number", async () => {
    const folder = folderWith();
    const before = process.memoryUsage.rss();
    await writeBeir(join(folder, "c"), { documents: documents() }, { gzip: true });
    const store = await DocumentStore.create(join(folder, "store"), (await openCorpus(join(folder, "c"))).documents());
    expect(store.size).toBe(DOCUMENTS);
    expect(store.indexOf("document-123456")).toBe(123456);
    store.close();
    expect(process.memoryUsage.rss() - before).toBeLessThan(LARGEST_GROWTH_BYTES);
  });
});
