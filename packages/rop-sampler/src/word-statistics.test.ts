import { describe, expect, it } from "vitest";
import { D1, D2, toyStatistics } from "../test/toy.ts";
import { wordCounter, wordStatistics } from "./index.ts";

const all = { minCollectionFrequency: 1, stopWords: new Set<string>() };

describe("wordStatistics", () => {
  it("counts occurrences and documents", async () => {
    const statistics = await wordStatistics([D1, D2], all);
    expect(statistics).toEqual(toyStatistics());
    expect(statistics.words).toEqual(["apple", "banana", "date", "egg", "cherry", "fig"]);
    expect([...statistics.collectionFrequency]).toEqual([2, 2, 2, 2, 1, 1]);
    expect([...statistics.documentFrequency]).toEqual([1, 2, 2, 1, 1, 1]);
    expect(statistics).toMatchObject({ documentCount: 2, totalWords: 10, averageLength: 5 });
  });

  it("leaves out stop words and rare words, and counts only what is left", () => {
    const statistics = toyStatistics({ minCollectionFrequency: 2, stopWords: new Set(["banana"]) });
    expect(statistics.words).toEqual(["apple", "date", "egg"]);
    expect(statistics).toMatchObject({ totalWords: 6, averageLength: 3 });
  });

  it("takes the English stop words unless told", async () => {
    const { words } = await wordStatistics(["The cat and THE dog are in a house"], { minCollectionFrequency: 1 });
    expect(words).toEqual(["cat", "dog", "house"]);
  });

  it("counts a stem once in a document, and its forms apart", async () => {
    const { words, documentFrequency, surfaces } = await wordStatistics(["ranks ranking ranks", "rank cats"], {
      ...all,
      stem: true,
    });
    expect(words).toEqual(["rank", "cat"]);
    expect([...documentFrequency]).toEqual([2, 1]);
    expect(surfaces).toEqual({
      forms: ["ranks", "ranking", "rank", "cats"],
      stems: Int32Array.of(0, 0, 0, 1),
      counts: Float64Array.of(2, 1, 1, 1),
    });
  });

  it("counts Chinese words where told, without stop words of either language, numbers and marks", async () => {
    const texts = ["数学是研究数量、结构的学科。", "The BERT 模型研究于 2018 年发表，我们研究數學"];
    const statistics = await wordStatistics(texts, { minCollectionFrequency: 1, words: "chinese" });
    expect(statistics.kind).toBe("chinese");
    expect(statistics.words).toEqual(["研究", "bert", "发表", "学科", "数学", "数量", "數學", "模型", "结构"]);
    expect([...statistics.collectionFrequency.slice(0, 2)]).toEqual([3, 1]);
    expect([...statistics.documentFrequency.slice(0, 2)]).toEqual([2, 1]);
    expect(statistics.averageLength).toBe(11 / 2);
  });

  it("stems the Latin ones of Chinese words alone", async () => {
    const { words } = await wordStatistics(["模型 models"], { ...all, words: "chinese", stem: true });
    expect(words).toEqual(["model", "模型"]);
  });

  it("forgets the rarest Chinese words likewise", () => {
    const bounded = wordCounter({ ...all, words: "chinese", maxForms: 30 });
    for (let i = 0; i < 200; i++) bounded.add(`研究 ${String.fromCodePoint(0x4e00 + 40 * i)} 研究`);
    const { words, collectionFrequency } = bounded.finish();
    expect(words.length).toBeLessThanOrEqual(31);
    expect([words[0], collectionFrequency[0]]).toEqual(["研究", 400]);
  });

  it("survives the way to another thread", () => {
    const statistics = toyStatistics({ stem: true });
    expect(structuredClone(statistics)).toEqual(statistics);
  });

  it("does not count documents without a word", async () => {
    expect((await wordStatistics(["", "12 34", D1], all)).documentCount).toBe(1);
  });

  it("says so when no word is frequent enough", () => {
    const counter = wordCounter();
    counter.add(D1);
    expect(() => counter.finish()).toThrow(
      "no word, stop words aside, occurs 50 times in the corpus (lower minCollectionFrequency, or give more text)",
    );
  });

  it("forgets the rarest forms rather than grow without bound, and keeps the counts of the others", () => {
    const bounded = wordCounter({ ...all, maxForms: 400 });
    const free = wordCounter(all);
    const name = (i: number) =>
      `w${"abcdefghij"[i % 10]}${"abcdefghij"[Math.floor(i / 10) % 10]}${"abcdefghij"[Math.floor(i / 100)]}`;
    for (let i = 0; i < 1000; i++) for (const counter of [bounded, free]) counter.add(`common ${name(i)} common`);
    const [few, many] = [bounded.finish(), free.finish()];
    expect(few.words.length).toBeLessThanOrEqual(401);
    expect(many.words.length).toBe(1001);
    expect([few.words[0], few.collectionFrequency[0], few.documentFrequency[0]]).toEqual(["common", 2000, 1000]);
  });
});
