import { describe, expect, it } from "vitest";
import { keywordFinder, randomCounter, type WordWeights, wordCounter } from "./index.ts";

const TEXTS = ["the lung the fibrosis the lung uip", "the sea the river", "the river the lung"];
const weightsOf = (words: Record<string, number>): WordWeights => ({
  words: Object.keys(words),
  weights: Float32Array.from(Object.values(words)),
  others: new Float32Array(),
});
const attended = [
  weightsOf({ the: 0.3, lung: 0.2, fibrosis: 0.25, uip: 0.01 }),
  weightsOf({ the: 0.4, sea: 0.2, river: 0.2 }),
  weightsOf({ the: 0.4, river: 0.2, lung: 0.2 }),
];

function finder(options: Parameters<typeof keywordFinder>[1] = {}) {
  const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set(["the"]) });
  const random = randomCounter(options);
  TEXTS.forEach((text, i) => {
    counter.add(text);
    random.add(attended[i]!);
  });
  return keywordFinder({ statistics: counter.finish(), random: random.finish() }, options);
}
const words = (ranked: { word: string }[]) => ranked.map(({ word }) => word);

describe("keywordFinder", () => {
  it("ranks by likelihood, by attention with its stop words, and by the contrast without them", () => {
    const { queryLikelihood, attention, contrastive } = finder()(TEXTS[0]!, attended[0]!);
    expect(words(queryLikelihood)).toEqual(["lung", "fibrosis", "uip"]);
    expect(words(attention)).toEqual(["the", "fibrosis", "lung", "uip"]);
    expect(words(contrastive)).toEqual(["fibrosis", "uip", "lung", "the"]);
    for (const list of [queryLikelihood, attention, contrastive])
      for (let i = 1; i < list.length; i++) expect(list[i]!.score).toBeLessThanOrEqual(list[i - 1]!.score);
  });

  it("gives as many words as wanted", () => {
    const { queryLikelihood, attention, contrastive } = finder({ top: 2 })(TEXTS[0]!, attended[0]!);
    expect([queryLikelihood, attention, contrastive].map((list) => list.length)).toEqual([2, 2, 2]);
  });

  it("ranks by γ, whatever the temperature", () => {
    const at = (temperature: number) => words(finder({ temperature })(TEXTS[0]!, attended[0]!).contrastive);
    expect(at(0.01)).toEqual(at(1));
  });

  it("gives empty lists of a text without a known word", () => {
    expect(finder()("42", weightsOf({}))).toEqual({ queryLikelihood: [], attention: [], contrastive: [] });
  });
});
