import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { narrow, spawned, teahouse, temporaryFolder } from "./program.ts";

/** From Chinese text to a ranking, in both scripts; nothing but PROP's words is told what language it is. */
describe("the path through the program in Chinese", () => {
  const cwd = temporaryFolder();
  const works = (...words: string[]) => {
    const { stdout, stderr, status } = spawned(cwd, ...words);
    expect({ stderr: status === 0 ? "" : stderr, status }).toEqual({ stderr: "", status: 0 });
    return stdout;
  };
  const lines = (file: string) => readFileSync(join(cwd, file), "utf8").trimEnd().split("\n");
  const first = (file: string) =>
    Object.fromEntries(
      lines(file)
        .map((line) => line.split(" "))
        .filter(([, , , rank]) => rank === "1")
        .map(([query, , document]) => [query, document]),
    );

  it("trains a vocabulary in which every character of the text is a piece", async () => {
    expect(works("vocab", "--corpus", teahouse, "--size", "800", "--out", "vocab")).toMatch(/ from 12 documents/);
    const tokenizer = await Tokenizer.load(join(cwd, "vocab"));
    const text = "紫砂茶壶用宜兴的陶土烧制，麵條 rice cooker";
    expect([...tokenizer.encode(text)].map((id) => tokenizer.tokenOf(id))).not.toContain("[UNK]");
    expect(tokenizer.tokenOf(tokenizer.encode("茶")[0]!)).toBe("茶");
  });

  const prop = ["pretrain", "--corpus", teahouse, "--objective", "prop", "--option", "words=chinese"];
  const all = ["--option", "minCollectionFrequency=1", "--option", "shortDocumentTokens=0", "--threads", "1"];

  it("pre-trains PROP on Chinese words", () => {
    const fresh = ["--config", narrow, "--vocab", "vocab", "--max-tokens", "48", "--batch", "4"];
    expect(works(...prop, ...all, ...fresh, "--steps", "4", "--out", "prop")).toMatch(/^prop: 4 steps, loss \d/);
  });

  it("goes on with it on a collection's text", () => {
    expect(works(...prop, ...all, "--init", "prop", "--steps", "2", "--out", "further")).toMatch(/^further: 2 steps/);
    const { words } = JSON.parse(readFileSync(join(cwd, "further/propria.json"), "utf8")).provenance.options;
    expect(words).toBe("chinese");
  });

  it("says that no word is frequent enough where the words are Latin", () => {
    const flags = ["--objective", "prop", "--config", narrow, "--vocab", "vocab", "--steps", "1", "--out", "latin"];
    const { stderr, status } = spawned(cwd, "pretrain", "--corpus", teahouse, ...flags);
    expect(stderr).toContain("no word, stop words aside, occurs 50 times in the corpus");
    expect(status).toBe(2);
  });

  it("finds documents by BM25", () => {
    works("search", "--bm25", "--collection", teahouse, "--split", "test", "--out", "bm25.run");
    expect(first("bm25.run")).toEqual({ q1: "cha", q2: "hu", q3: "mian", q4: "yu" });
  });

  it("fine-tunes a cross-encoder against BM25's negatives and re-ranks", () => {
    const from = ["--collection", teahouse, "--init", "further", "--batch", "2", "--threads", "1"];
    const { stdout, stderr } = spawned(cwd, "finetune", "cross-encoder", ...from, "--steps", "3", "--out", "cross");
    expect(stdout).toMatch(/^cross: 3 steps, loss \d/);
    expect(stderr).toContain("6 queries; ranking head: that of the model");
    const run = ["--run", "bm25.run", "--collection", teahouse, "--threads", "1"];
    works("rerank", "--model", "cross", ...run, "--depth", "3", "--out", "cross.run");
    works("rerank", "--model", "prop", ...run, "--depth", "3", "--out", "zero-shot.run");
    for (const file of ["cross.run", "zero-shot.run"])
      expect(Object.keys(first(file))).toEqual(["q1", "q2", "q3", "q4"]);
  });
});
