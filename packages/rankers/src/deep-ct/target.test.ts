import { describe, expect, it } from "vitest";
import { queryTermRecall, stemsOf, wordTarget } from "./target.ts";

const stems = stemsOf();
const targets = (passage: string, queries: readonly string[], with_ = stems) => {
  const recall = queryTermRecall(queries, with_);
  return Object.fromEntries(passage.split(" ").map((word) => [word, wordTarget(word, recall, with_)]));
};

describe("queryTermRecall", () => {
  it("is the share of a passage's queries that hold a word", () => {
    const letters = stemsOf({ stopWords: "none" });
    expect(targets("a b c", ["a b"], letters)).toEqual({ a: 1, b: 1, c: 0 });
    expect(targets("a b", ["a", "a b"], letters)).toEqual({ a: 1, b: 0.5 });
  });

  it("compares stems, and is kept under the passage's own word", () => {
    expect(targets("wings flying Wing fly sand", ["to fly a winged boat"])).toEqual({
      ...{ wings: 1, Wing: 1 },
      ...{ flying: 1, fly: 1 },
      sand: 0,
    });
  });

  it("gives stop words nothing, and counts a query of stop words among the queries", () => {
    expect(targets("the pump", ["the pump", "what is the"])).toEqual({ the: 0, pump: 0.5 });
  });

  it("counts a word that stands twice in a query once, and drops possessives", () => {
    expect(targets("pump s", ["the pump's pump", "s", "tank", "oil"], stemsOf({ stopWords: "none" }))).toEqual({
      pump: 0.25,
      s: 0.25,
    });
  });

  it("takes another form of word", () => {
    const ideographs = stemsOf({ stopWords: "none", pattern: /\p{Script=Han}/u });
    expect(targets("水 泵", ["水塔"], ideographs)).toEqual({ 水: 1, 泵: 0 });
  });
});
