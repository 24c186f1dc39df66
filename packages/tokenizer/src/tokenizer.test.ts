import { describe, expect, it } from "vitest";
import { SPECIAL_TOKENS, Tokenizer } from "./index.ts";

const VOCABULARY = [
  ...SPECIAL_TOKENS,
  "un",
  "##aff",
  "##able",
  "cafe",
  "Café",
  "中",
  "##文",
  "!",
  ",",
  "a",
  "##a",
  "b",
  "##b",
  "#",
];
const uncased = Tokenizer.fromVocabulary(VOCABULARY);
const pieces = (text: string, tokenizer = uncased) => tokenizer.encode(text).map((id) => tokenizer.tokenOf(id));

describe("Tokenizer", () => {
  it.each([
    ["unaffable", ["un", "##aff", "##able"]],
    ["UNAFFABLE!", ["un", "##aff", "##able", "!"]],
    ["unaffably", ["[UNK]"]],
    ["café cafe\u0301", ["cafe", "cafe"]],
    ["中文", ["中", "[UNK]"]],
    ["a\u0000b\u200da", ["a", "##b", "##a"]],
    ["a\u00a0b\u3000a", ["a", "b", "a"]],
    ["##aff", ["#", "#", "[UNK]"]],
    ["a[MASK]b", ["a", "[MASK]", "b"]],
    ["[mask]", ["[UNK]", "[UNK]", "[UNK]"]],
    ["\ud800a", ["a"]],
    ["", []],
    [" \n\t", []],
  ])("cuts %j", (text, expected) => expect(pieces(text)).toEqual(expected));

  it("keeps case and accents of a cased vocabulary", () => {
    const cased = Tokenizer.fromVocabulary(VOCABULARY, { lowercase: false });
    expect(pieces("Café café cafe Un un", cased)).toEqual(["Café", "[UNK]", "cafe", "[UNK]", "un"]);
  });

  it("takes a word of 100 characters for unknown only when it is longer", () => {
    expect(pieces("a".repeat(100))).toHaveLength(100);
    expect(pieces("a".repeat(101))).toEqual(["[UNK]"]);
  });

  it.each(SPECIAL_TOKENS)("names %s when the vocabulary lacks it", (token) => {
    const without = VOCABULARY.filter((each) => each !== token);
    expect(() => Tokenizer.fromVocabulary(without)).toThrow(
      expect.objectContaining({
        code: "SPECIAL_TOKEN",
        message: expect.stringContaining(`the vocabulary lacks ${token}`),
      }),
    );
  });

  it("knows its special ids and continuations", () => {
    const { padId, unknownId, clsId, sepId, maskId, specialIds, size } = uncased;
    expect([padId, unknownId, clsId, sepId, maskId]).toEqual([0, 1, 2, 3, 4]);
    expect([...specialIds]).toEqual([0, 1, 2, 3, 4]);
    expect(size).toBe(VOCABULARY.length);
    const continuations = VOCABULARY.filter((_, id) => uncased.isContinuation(id));
    expect(continuations).toEqual(["##aff", "##able", "##文", "##a", "##b"]);
    expect(uncased.idOf("cafe")).toBe(8);
    expect(uncased.idOf("tea")).toBeUndefined();
    expect(() => uncased.tokenOf(size)).toThrow(RangeError);
  });

  it("gives the last id to a token that is listed twice", () => {
    const twice = Tokenizer.fromVocabulary([...VOCABULARY, "cafe"]);
    expect(twice.encode("cafe")).toEqual([VOCABULARY.length]);
  });

  it("gives the same ids whether the cache is cold, warm, or was cleared in between", () => {
    const tokenizer = Tokenizer.fromVocabulary(VOCABULARY);
    const text = "unaffable café, a b! [MASK] aab 中";
    const cold = tokenizer.encode(text);
    expect(tokenizer.encode(text)).toEqual(cold);
    for (let i = 0; i < 150_000; i++) tokenizer.encode(`x${i}`); // more than fit
    expect(tokenizer.encode(text)).toEqual(cold);
  });
});

describe("encodeWords", () => {
  it("gives the words and their places: slices of the text", () => {
    const text = " Unaffable\tCAFÉ,a[MASK]中中 b!";
    const { ids, wordIds, starts, ends } = uncased.encodeWords(text);
    expect([...ids]).toEqual(uncased.encode(text));
    const words = new Map<number, string>();
    for (const [i, word] of wordIds.entries())
      words.set(word, (words.get(word) ?? "") + text.slice(starts[i], ends[i]));
    expect([...words.values()]).toEqual(["Unaffable", "CAFÉ", ",", "a", "[MASK]", "中", "中", "b", "!"]);
    expect([...words.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("counts UTF-16 units, and covers what was dropped inside a word", () => {
    const text = "😀 a\u0301\u0000b 😀😀";
    const { wordIds, starts, ends } = uncased.encodeWords(text);
    expect(Array.from(wordIds, (word, i) => [word, text.slice(starts[i], ends[i])])).toEqual([
      [0, "😀"],
      [1, "a"],
      [1, "b"],
      [2, "😀😀"],
    ]);
    expect([starts[1], ends[2]]).toEqual([3, 7]);
  });

  it("keeps places in stretches too long for the cache", () => {
    const long = "ab".repeat(40);
    const { starts, ends } = uncased.encodeWords(`b ${long}`);
    expect([starts[1], ends.at(-1)]).toEqual([2, 82]);
  });
});
