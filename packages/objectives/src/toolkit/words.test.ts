import { Tokenizer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { wordsOf } from "./index.ts";

const tokenizer = Tokenizer.fromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "river", "##s", "##ide"]);
const { clsId, unknownId, sepId } = tokenizer;
const [river, s, ide] = [5, 6, 7] as const;
const spans = (ids: number[]) => wordsOf(ids, tokenizer).map(({ start, end }) => [start, end]);

describe("wordsOf", () => {
  it("gives every word with its pieces", () => {
    expect(spans([river, river, s, river, ide, s])).toEqual([
      [0, 1],
      [1, 3],
      [3, 6],
    ]);
    expect(spans([])).toEqual([]);
  });

  it("takes special tokens for words of their own, which nothing joins", () => {
    expect(spans([clsId, river, s, unknownId, s, sepId])).toEqual([
      [0, 1],
      [1, 3],
      [3, 4],
      [4, 5],
      [5, 6],
    ]);
  });

  it("begins with a continuation where a row does", () => {
    expect(spans([s, ide, river])).toEqual([
      [0, 2],
      [2, 3],
    ]);
  });
});
