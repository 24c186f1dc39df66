import { type WordStatisticsOptions, wordCounter } from "../src/index.ts";

/** The two documents of the worked example: μ = 5, ten words. */
export const D1 = "apple banana apple cherry date";
export const D2 = "banana egg egg fig date";

export function toyStatistics(options: WordStatisticsOptions = {}) {
  const counter = wordCounter({ minCollectionFrequency: 1, stopWords: new Set(), ...options });
  for (const text of [D1, D2]) counter.add(text);
  return counter.finish();
}
