import { describe, expect, it } from "vitest";
import { tinyModel } from "../../test/model.ts";
import { type AttentionRow, attentionRow, type RowOptions } from "./attention-rows.ts";

const { tokenizer } = await tinyModel();
const plain: RowOptions = { maxTokens: 64, pieces: "onlyFirst", words: "latin" };
const row = (text: string, options: Partial<RowOptions> = {}) =>
  attentionRow(tokenizer, text, { ...plain, ...options });
const tokens = ({ ids }: AttentionRow) => ids.map((id) => tokenizer.tokenOf(id)).join(" ");
const wordsOf = ({ words, isWord }: AttentionRow) => words.filter((_, i) => isWord[i]);

describe("attentionRow", () => {
  it("is [CLS] text [SEP], continuations hidden from attention and without a word", () => {
    const found = row("The rivers, the sea");
    expect(tokens(found)).toBe("[CLS] the river ##s , the sea [SEP]");
    expect(found.mask).toEqual([1, 1, 1, 0, 1, 1, 1, 1]);
    expect(found.wordOf).toEqual([0, 1, 2, -1, 3, 1, 4, 5]);
    expect(found.begins).toEqual([true, true, true, false, true, true, true, true]);
  });

  it("shows all pieces where the first one speaks for the word, and where they sum up", () => {
    expect(row("rivers", { pieces: "first" })).toMatchObject({ mask: [1, 1, 1, 1], wordOf: [0, 1, -1, 2] });
    expect(row("rivers", { pieces: "sum" })).toMatchObject({ mask: [1, 1, 1, 1], wordOf: [0, 1, 1, 2] });
  });

  it("keeps alphabetic words, lower-cased, as they stand in the text", () => {
    expect(wordsOf(row("The Sea. 2 ships, a2 x-ray Über [SEP] 我们"))).toEqual([
      "the",
      "sea",
      "ships",
      "x",
      "ray",
      "über",
    ]);
  });

  it("joins ideographs to Chinese words when asked to", () => {
    const found = row("我们好, the sea", { words: "chinese" });
    expect(wordsOf(found)).toEqual(["我们", "好", "the", "sea"]);
    expect(found.wordOf.slice(0, 4)).toEqual([0, 1, 1, 2]); // both ideographs are seen, and sum up
    expect(found.begins.slice(0, 4)).toEqual([true, true, false, true]);
    expect(found.mask).not.toContain(0);
  });

  it("is cut before the first word that does not fit, and takes no shorter one after it", () => {
    expect(tokens(row("the rivers a", { maxTokens: 4 }))).toBe("[CLS] the [SEP]");
    expect(tokens(row("the rivers a", { maxTokens: 5 }))).toBe("[CLS] the river ##s [SEP]");
    expect(tokens(row("rivers a", { maxTokens: 3 }))).toBe("[CLS] [SEP]");
  });

  it("is [CLS] [SEP] of an empty text, without a word", () => {
    expect(tokens(row(" "))).toBe("[CLS] [SEP]");
    expect(wordsOf(row(" "))).toEqual([]);
  });
});
