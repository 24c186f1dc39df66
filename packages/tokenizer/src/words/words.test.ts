import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { analyzer, chineseWords, detached, englishWords, porterStem, readStopWords, stopWordList } from "../index.ts";

describe("analyzer", () => {
  const text = "The wings of a Boeing 747, and the café's flying";
  it.each([
    [{}, ["wings", "boeing", "747", "caf", "s", "flying"]],
    [{ stem: true }, ["wing", "boe", "747", "caf", "s", "fly"]],
    [
      { stopWords: "none" as const, pattern: /\p{L}+/u },
      ["the", "wings", "of", "a", "boeing", "and", "the", "café", "s", "flying"],
    ],
    [{ stopWords: new Set(["wings"]) }, ["the", "of", "a", "boeing", "747", "and", "the", "caf", "s", "flying"]],
  ])("with %j", (options, expected) => expect(analyzer(options)(text)).toEqual(expected));

  it.each([
    ["边界层 a wing 2", ["边", "界", "层", "边界", "界层", "wing", "2"]],
    ["the 翼，翼", ["翼", "翼"]],
    ["𠀀𠀁x", ["𠀀", "𠀁", "𠀀𠀁", "x"]],
    ["ひらがな 漢字", ["漢", "字", "漢字"]],
  ])("makes ideographs and pairs of neighbours of %j", (given, expected) =>
    expect(analyzer()(given)).toEqual(expected),
  );

  it("leaves ideographs alone where a pattern says what a term is", () =>
    expect(analyzer({ pattern: /\p{Script=Han}+/u })("边界层 wing")).toEqual(["边界层"]));

  it("gives an empty text no terms, and the same terms twice", () => {
    const terms = analyzer();
    expect(terms("")).toEqual([]);
    expect(terms("wing tip")).toEqual(terms("wing tip"));
  });
});

describe("englishWords", () => {
  it("gives the runs of letters, lower-cased", () =>
    expect(englishWords("It's 2 B-52s, naïve?")).toEqual(["it", "s", "b", "s", "na", "ve"]));
});

describe("chineseWords", () => {
  it("parts runs of ideographs by a dictionary, in either script, and keeps Latin words, without numbers and marks", () => {
    expect(chineseWords("数学是研究数量、结构的学科。")).toEqual(["数学", "是", "研究", "数量", "结构", "的", "学科"]);
    expect(chineseWords("數學研究結構")).toEqual(["數學", "研究", "結構"]);
    expect(chineseWords("北京大学2016年的BERT模型")).toEqual(["北京", "大学", "年", "的", "bert", "模型"]);
    expect(chineseWords("カナ, 42 !?")).toEqual([]);
  });

  it("loses no ideograph", () => {
    const text = "自然语言处理，又称計算語言學，𠀀𠀁是人工智慧的分支";
    expect(chineseWords(text).join("")).toBe(text.replaceAll("，", ""));
  });
});

describe("porterStem", () => {
  it("leaves Chinese words as they are", () => expect(porterStem("数学")).toBe("数学"));

  // Porter's own examples.
  it.each([
    ["caresses", "caress"],
    ["ponies", "poni"],
    ["hopping", "hop"],
    ["relational", "relat"],
    ["triplicate", "triplic"],
    ["adjustment", "adjust"],
    ["controlling", "control"],
  ])("reduces %s to %s", (word, stem) => {
    expect(porterStem(word)).toBe(stem);
    expect(porterStem(word)).toBe(stem); // from the cache
  });
});

describe("stopWordList", () => {
  it("has Lucene's 33 words", () => expect(stopWordList("lucene").size).toBe(33));

  it("has a longer English list", () => {
    const english = stopWordList("english");
    expect(english.size).toBeGreaterThan(100);
    expect(english.has("because")).toBe(true);
  });

  it("has a Chinese list in both scripts, without words that say what a text is about", () => {
    const chinese = stopWordList("chinese");
    for (const word of ["的", "这个", "這個", "我们", "我們", "因此", "与", "與"]) expect(chinese.has(word)).toBe(true);
    for (const word of ["数学", "大学", "小说", "研究"]) expect(chinese.has(word)).toBe(false);
    for (const word of chinese) expect(word).toMatch(/^\p{Script=Han}+$/u);
  });

  it("refuses another name", () =>
    expect(() => stopWordList("inquery" as "english")).toThrow(expect.objectContaining({ code: "STOP_WORD_LIST" })));
});

describe("readStopWords", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "stop-words-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("reads one word a line, lower-cased, without comments", async () => {
    const file = join(folder, "list.txt");
    writeFileSync(file, "# mine\nThe\r\n\nof\n");
    expect([...(await readStopWords(file))]).toEqual(["the", "of"]);
  });

  it("names the line with two words, and the file that is not there", async () => {
    const file = join(folder, "two.txt");
    writeFileSync(file, "the\nof a\n");
    await expect(readStopWords(file)).rejects.toMatchObject({ code: "STOP_WORD_FILE", at: `${file}:2` });
    await expect(readStopWords(join(folder, "none.txt"))).rejects.toMatchObject({ code: "STOP_WORD_FILE" });
  });
});

describe("detached", () => {
  it.each(["", "wing", "a word longer than twelve units", "中".repeat(20)])("gives %j back", (text) =>
    expect(detached(text)).toBe(text),
  );
});
