import { describe, expect, it } from "vitest";
import { attendedKeywords, likelyKeywords, randomCounter, type WordWeights, wordCounter } from "./index.ts";

const TEXTS = ["the lung the fibrosis the lung uip", "the sea the river", "the river the lung"] as const;
const weightsOf = (words: Record<string, number>): WordWeights => ({
  words: Object.keys(words),
  weights: Float32Array.from(Object.values(words)),
  others: new Float32Array(),
});
const attended = [
  weightsOf({ the: 0.3, lung: 0.2, fibrosis: 0.25, uip: 0.01 }),
  weightsOf({ the: 0.4, sea: 0.2, river: 0.2 }),
  weightsOf({ the: 0.4, river: 0.2, lung: 0.2 }),
] as const;

const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set(["the"]) });
for (const text of TEXTS) counter.add(text);
const average = randomCounter();
for (const weights of attended) average.add(weights);
const [statistics, random] = [counter.finish(), average.finish()];

const words = (ranked: { word: string }[]) => ranked.map(({ word }) => word);

describe("likelyKeywords", () => {
  it("ranks a text's words by their likelihood, without stop words", () => {
    const found = likelyKeywords(statistics)(TEXTS[0]);
    expect(words(found)).toEqual(["lung", "fibrosis", "uip"]);
    expect(found[0]!.score).toBeCloseTo((2 + (3 / 8) * statistics.averageLength) / (4 + statistics.averageLength), 12);
  });

  it("gives as many words as wanted, and none of a text without a known word", () => {
    expect(words(likelyKeywords(statistics, { top: 2 })(TEXTS[0]))).toEqual(["lung", "fibrosis"]);
    expect(likelyKeywords(statistics)("42")).toEqual([]);
  });
});

describe("attendedKeywords", () => {
  it("ranks by attention with its stop words, and by the contrast without them", () => {
    const { attention, contrastive } = attendedKeywords(random)(attended[0]);
    expect(words(attention)).toEqual(["the", "fibrosis", "lung", "uip"]);
    expect(words(contrastive)).toEqual(["fibrosis", "uip", "lung", "the"]);
    for (const list of [attention, contrastive])
      for (let i = 1; i < list.length; i++) expect(list[i]!.score).toBeLessThanOrEqual(list[i - 1]!.score);
  });

  it("gives as many words as wanted, and none of a document without one", () => {
    const { attention, contrastive } = attendedKeywords(random, { top: 2 })(attended[0]);
    expect([attention.length, contrastive.length]).toEqual([2, 2]);
    expect(attendedKeywords(random)(weightsOf({}))).toEqual({ attention: [], contrastive: [] });
  });

  it("ranks by γ, whatever the temperature", () => {
    const at = (temperature: number) => words(attendedKeywords(random, { temperature })(attended[0]).contrastive);
    expect(at(0.01)).toEqual(at(1));
  });
});
