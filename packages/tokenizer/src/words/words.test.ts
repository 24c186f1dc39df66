import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { analyzer, detached, englishWords, porterStem, readStopWords, stopWordList } from "../index.ts";

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

describe("porterStem", () => {
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
