import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@propria/tokenizer";
import { beforeAll, describe, expect, it } from "vitest";
import { checkLimits, defaultQueryTokens, firstPieces, packPair, queryPieces, segmentsOf } from "./pair-input.ts";

interface Oracle {
  maxTokens: number;
  pairs: { query: string; document: string; inputIds: number[]; tokenTypeIds: number[] }[];
}
const oracle = JSON.parse(readFileSync(new URL("../test/oracle/pairs.json", import.meta.url), "utf8")) as Oracle;

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await Tokenizer.load(fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url)));
});

describe("packPair", () => {
  it.each(oracle.pairs)("makes of '$query' the ids and segments of transformers", (pair) => {
    const limits = { queryTokens: 16, maxTokens: oracle.maxTokens };
    const row = packPair(tokenizer, queryPieces(tokenizer, pair.query, limits), pair.document, limits);
    expect(row.ids).toEqual(pair.inputIds);
    expect(segmentsOf(row)).toEqual(pair.tokenTypeIds);
  });

  it("cuts the query at queryTokens and only then the document", () => {
    const limits = { queryTokens: 2, maxTokens: 8 };
    const row = packPair(tokenizer, queryPieces(tokenizer, "what moves water", limits), "oil oil oil oil oil", limits);
    const { clsId, sepId } = tokenizer;
    const [what, moves, oil] = ["what", "moves", "oil"].map((word) => tokenizer.idOf(word)!);
    expect(row).toEqual({ ids: [clsId, what, moves, sepId, oil, oil, oil, sepId], querySegment: 4 });
  });
});

describe("firstPieces", () => {
  const texts = [
    "oil pump ".repeat(300),
    "oil\n\n   \tpump".repeat(90),
    "x".repeat(4000),
    `${"y".repeat(900)} oil`.repeat(3),
    "",
    "   ",
  ];
  it.each(texts)("gives the pieces that the whole text begins with (case %#)", (text) => {
    const all = tokenizer.encode(text);
    for (const count of [0, 1, 5, 30, 2000]) expect(firstPieces(tokenizer, text, count)).toEqual(all.slice(0, count));
  });
});

describe("defaultQueryTokens", () => {
  it("is 64, or less than half of a short pair, and always leaves room for a document", () => {
    expect([512, 128, 64, 24].map(defaultQueryTokens)).toEqual([64, 62, 30, 10]);
    for (let maxTokens = 4; maxTokens <= 600; maxTokens++)
      expect(() => checkLimits({ queryTokens: defaultQueryTokens(maxTokens), maxTokens })).not.toThrow();
  });
});

describe("checkLimits", () => {
  it("refuses a query that could leave no room for a document", () => {
    expect(() => checkLimits({ queryTokens: 29, maxTokens: 32 })).toThrow(
      "queryTokens: 29 query tokens leave no room for a document in 32 (at most 28)",
    );
    expect(() => checkLimits({ queryTokens: 28, maxTokens: 32 })).not.toThrow();
  });
});
