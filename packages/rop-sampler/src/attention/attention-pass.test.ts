import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Document } from "@propria/collection";
import { describe, expect, it } from "vitest";
import { temporaryFolder, tinyModel } from "../../test/model.ts";
import { type AttentionPass, attentionPass, openAttention, wordAttention } from "../index.ts";

const WORDS = ["the river", "the rivers of mud", "a sea", "ships, shipping", "heron", "lamp. the lamp", "", "2 , ."];
const documents: Document[] = Array.from({ length: 50 }, (_, i) => ({
  id: `d${i}`,
  title: WORDS[i % WORDS.length]!,
  text: `${WORDS[(i * 3) % WORDS.length]} `.repeat(i % 7),
}));
const model = wordAttention(await tinyModel());

const pass = (folder: string, more: Partial<AttentionPass> = {}) =>
  attentionPass({ model, documents, corpusHash: "corpus", folder, window: 8, ...more });
/** The files of the one pass in a folder. */
const filesOf = (folder: string) => {
  const [name] = readdirSync(folder);
  return Object.fromEntries(
    readdirSync(join(folder, name!)).map((file) => [file, readFileSync(join(folder, name!, file)).toString("base64")]),
  );
};
const stopAfter = (count: number) => {
  const controller = new AbortController();
  const onProgress = (done: number) => {
    if (done >= count) controller.abort();
  };
  return { signal: controller.signal, onProgress };
};

describe("attentionPass", () => {
  it("keeps every document's words with their attention, by number", async () => {
    const file = await pass(temporaryFolder());
    expect(file.size).toBe(documents.length);
    for (const [i, { title, text }] of documents.entries()) {
      const [alone] = await model.weigh([[title, text].filter(Boolean).join(" ")]);
      const { words, weights, others } = file.at(i);
      expect(words).toEqual(alone!.words);
      expect(others.length).toBe(alone!.others.length);
      weights.forEach((weight, w) => {
        expect(weight).toBeCloseTo(alone!.weights[w]!, 6);
      });
    }
    file.close();
    expect(() => file.at(0)).toThrow(/closed/);
  });

  it("is used again by a later run over the same corpus with the same model", async () => {
    const folder = temporaryFolder();
    (await pass(folder)).close();
    const idle = { ...model, weigh: () => Promise.reject(new Error("computed again")) };
    expect((await pass(folder, { model: idle })).size).toBe(documents.length);
    await expect(pass(folder, { model: idle, corpusHash: "another" })).rejects.toThrow("computed again");
    await expect(pass(folder, { model: { ...idle, hash: "another" } })).rejects.toThrow("computed again");
  });

  it("goes on where it was stopped, to the same bits, and computes nothing twice", async () => {
    const [unbroken, broken] = [temporaryFolder(), temporaryFolder()];
    await pass(unbroken);
    await expect(pass(broken, stopAfter(8))).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(pass(broken, stopAfter(32))).rejects.toMatchObject({ code: "INTERRUPTED" });
    let weighed = 0;
    const counting: AttentionPass["model"] = {
      hash: model.hash,
      weigh(texts) {
        weighed += texts.length;
        return model.weigh(texts);
      },
    };
    await pass(broken, { model: counting });
    expect(weighed).toBe(documents.length - 32);
    expect(filesOf(broken)).toEqual(filesOf(unbroken));
  });

  it("overwrites what a killed call left beyond its last whole window", async () => {
    const [unbroken, broken] = [temporaryFolder(), temporaryFolder()];
    await pass(unbroken);
    await expect(pass(broken, stopAfter(24))).rejects.toMatchObject({ code: "INTERRUPTED" });
    const folder = join(broken, readdirSync(broken)[0]!);
    writeFileSync(join(folder, "records.bin"), Buffer.alloc(100_000, 7), { flag: "a" });
    truncateSync(join(folder, "ends.f64"), 20 * 8 + 3); // torn within the third window
    await pass(broken);
    expect(filesOf(broken)).toEqual(filesOf(unbroken));
  });

  it("tells how many documents are done, those of an earlier call included", async () => {
    const seen: number[] = [];
    const folder = temporaryFolder();
    await expect(pass(folder, stopAfter(16))).rejects.toMatchObject({ code: "INTERRUPTED" });
    await pass(folder, { onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([24, 32, 40, 48, 50]);
  });

  it("makes a file of an empty corpus", async () => {
    expect((await pass(temporaryFolder(), { documents: [] })).size).toBe(0);
  });
});

describe("openAttention", () => {
  it("refuses what is no finished pass, and what is damaged, in one line", async () => {
    const folder = temporaryFolder();
    expect(() => openAttention(folder)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }) as Error);
    (await pass(folder)).close();
    const made = join(folder, readdirSync(folder)[0]!);
    truncateSync(join(made, "records.bin"), 10);
    const file = openAttention(made);
    expect(() => file.at(49)).toThrow(expect.objectContaining({ code: "ATTENTION_FILE" }) as Error);
    writeFileSync(join(made, "attention.json"), "{");
    expect(() => openAttention(made)).toThrow(expect.objectContaining({ code: "ATTENTION_FILE" }) as Error);
    rmSync(join(made, "attention.json"));
    expect(() => openAttention(made)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }) as Error);
  });
});
