import { describe, expect, it } from "vitest";
import { documentReading, documentScore, passagesOf } from "./passages.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(" ");

describe("passagesOf", () => {
  it("gives overlapping windows, the title before each, up to the one that reaches the end", () => {
    const document = { title: "Oil", text: "a b c d e f g" };
    expect(passagesOf(document, { words: 4, stride: 2 })).toEqual(["Oil a b c d", "Oil c d e f", "Oil e f g"]);
    expect(passagesOf({ title: "", text: "a b c d e f" }, { words: 4, stride: 2 })).toEqual(["a b c d", "c d e f"]);
    expect(passagesOf({ title: "", text: "a b c d e" }, { words: 2, stride: 2 })).toEqual(["a b", "c d", "e"]);
  });

  it("leaves a short, an empty and a titled document as they are", () => {
    expect(passagesOf({ title: "", text: " a  b\n" }, { words: 2 })).toEqual([" a  b\n"]);
    expect(passagesOf({ title: "", text: "" })).toEqual([""]);
    expect(passagesOf({ title: "Oil", text: "" })).toEqual(["Oil"]);
  });

  it("keeps what stands between the words, and counts characters of scripts without spaces", () => {
    expect(passagesOf({ title: "", text: "one,  two\nthree four" }, { words: 3, stride: 3 })).toEqual([
      "one,  two\nthree",
      "four",
    ]);
    expect(passagesOf({ title: "", text: "今天天气BM25很好" }, { words: 4, stride: 4 })).toEqual([
      "今天天气",
      "BM25很好",
    ]);
  });

  it("has every word, at strides of 75 for windows of 150 where nothing is said, and no more than 30 passages", () => {
    const passages = passagesOf({ title: "", text: numbered(400) });
    expect(passages.map((passage) => passage.split(" ")[0])).toEqual(["w0", "w75", "w150", "w225", "w300"]);
    expect(new Set(passages.flatMap((passage) => passage.split(" "))).size).toBe(400);
    expect(passagesOf({ title: "", text: numbered(10_000) })).toHaveLength(30);
    expect(passagesOf({ title: "", text: numbered(10_000) }, { most: 2 }).at(-1)).toMatch(/ w224$/);
  });

  it.each([
    ["words", { words: 0 }],
    ["stride", { words: 4, stride: 5 }],
    ["most", { most: 1.5 }],
  ])("refuses %s out of range", (name, options) => {
    expect(() => passagesOf({ title: "", text: "a" }, options)).toThrow(`passages: ${name}: is `);
  });
});

describe("documentReading", () => {
  const own = { words: 100, stride: 80, most: 5, score: "sum" } as const;

  it("is the start, the folder's passages, what is asked for, and defaults, as each has something to say", () => {
    expect(documentReading(undefined)).toEqual({ score: "first" });
    expect(documentReading(undefined, {})).toEqual({ score: "max", words: 150, stride: 75, most: 30 });
    expect(documentReading(own)).toEqual(own);
    expect(documentReading(own, { score: "max", most: 3 })).toEqual({ ...own, score: "max", most: 3 });
    expect(documentReading(own, { words: 60 })).toEqual({ ...own, words: 60, stride: 30 });
    expect(documentReading(own, { score: "first" })).toEqual({ score: "first" });
  });

  it("refuses windows of what is read from the start alone, and wrong ones", () => {
    expect(() => documentReading(own, { score: "first", words: 9 })).toThrow("passages: words: is of no use where");
    expect(() => documentReading(own, { stride: 200 })).toThrow("passages: stride: is 200");
  });
});

describe("documentScore", () => {
  it("takes the first, the best, or the sum of the probabilities", () => {
    expect(documentScore([0, 2, -1], "first")).toBe(0);
    expect(documentScore([0, 2, -1], "max")).toBe(2);
    expect(documentScore([0, 0, 0], "sum")).toBe(1.5);
    expect(documentScore([2], "sum")).toBeCloseTo(1 / (1 + Math.exp(-2)), 15);
  });
});
