import { englishWords } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { WordTable } from "./word-table.ts";

describe("WordTable", () => {
  it.each([
    "",
    "!?",
    "a",
    "The cat, the CAT; the_cat 3cats naïve",
    "x1y [AB]{cd}@`~ ÀÉ ſ K",
    "日本 word 語",
    "z".repeat(300_000),
  ])("reads the words that englishWords gives (%#)", (text) => {
    const table = new WordTable();
    const numbers = [...table.learn(text)];
    expect(numbers.map((number) => table.word(number))).toEqual(englishWords(text));
    expect([...table.read(text)]).toEqual(numbers);
  });

  it("keeps numbers apart and stable while it grows", () => {
    const letters = (i: number) =>
      [...i.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
    const words = Array.from({ length: 50_000 }, (_, i) => letters(i).join(""));
    const table = new WordTable();
    for (const word of words) table.add(word);
    expect(table.size).toBe(words.length);
    expect([...table.read(words.join(" "))]).toEqual(words.map((_, i) => i));
    expect(table.word(31_415)).toBe(words[31_415]);
    expect([...table.read("zzzzzzzz a")]).toEqual([-1, 0]);
  });
});
