import { fileURLToPath } from "node:url";
import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { passageRows } from "./passage-rows.ts";

const tokenizer = await Tokenizer.load(fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url)));
const rows = (text: string, maxTokens = 24, longPassages: "cut" | "windows" = "cut") =>
  passageRows(tokenizer, text, { maxTokens, longPassages }).map(({ ids, words, positions }) => ({
    pieces: ids.map((id) => tokenizer.tokenOf(id)).join(" "),
    words: words.map((word, i) => `${word} ${positions[i]}`).join(", "),
  }));

describe("passageRows", () => {
  it("marks the first piece of each word, and no punctuation", () => {
    expect(rows("The Pumps, thickened?")).toEqual([
      { pieces: "[CLS] the pump ##s , thick ##en ##ed ? [SEP]", words: "the 1, pumps 2, thickened 5" },
    ]);
  });

  it("keeps words that the vocabulary lacks as they stand in the text", () => {
    expect(rows("Zéphyr wind")).toEqual([{ pieces: "[CLS] [UNK] wind [SEP]", words: "zéphyr 1, wind 2" }]);
  });

  it("has no row for an empty text, and one without words for punctuation", () => {
    expect(rows("")).toEqual([]);
    expect(rows(" \n ")).toEqual([]);
    expect(rows("?!")).toEqual([{ pieces: "[CLS] ? ! [SEP]", words: "" }]);
  });

  const long = "oil thickened the lower tank";
  it("cuts a long text at its end: the last word counts by its first pieces", () => {
    expect(rows(long, 5)).toEqual([{ pieces: "[CLS] oil thick ##en [SEP]", words: "oil 1, thickened 2" }]);
  });

  it("reads windows, each from a word's start", () => {
    expect(rows(long, 5, "windows")).toEqual([
      { pieces: "[CLS] oil thick ##en [SEP]", words: "oil 1, thickened 2" },
      { pieces: "[CLS] the lower tank [SEP]", words: "the 1, lower 2, tank 3" },
    ]);
    expect(rows("thickened", 3, "windows")).toEqual([{ pieces: "[CLS] thick [SEP]", words: "thickened 1" }]);
  });
});
