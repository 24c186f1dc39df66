import { describe, expect, it } from "vitest";
import { termFrequencies, termFrequency } from "./frequencies.ts";

describe("termFrequency", () => {
  it.each([
    [0.004, 0], // dropped
    [0.005, 0], // half to even, as numpy
    [0.0050001, 1],
    [0.015, 2],
    [0.025, 2],
    [0.035, 4], // 3.5000000000000004
    [0.5, 50],
    [1.234, 123],
    [0, 0],
    [-0.3, 0],
    [-0, 0],
  ])("of weight %d is %d", (weight, frequency) => {
    expect(termFrequency(weight)).toBe(frequency);
  });

  it.each([
    [0.25, 50],
    [0.0001, 1],
    [0.000025, 0], // 0.5
    [-1, 0],
  ])("of weight %d is %d under the root", (weight, frequency) => {
    expect(termFrequency(weight, { smoothing: "sqrt" })).toBe(frequency);
  });

  it("takes another scale", () => {
    expect(termFrequency(0.25, { scale: 10 })).toBe(2); // 2.5
  });
});

describe("termFrequencies", () => {
  const words = [
    { word: "wing", weight: 0.2 },
    { word: "the", weight: -0.1 },
    { word: "wing", weight: 0.8 },
    { word: "of", weight: 0.004 },
    { word: "wing", weight: 0.5 },
  ];

  it("drops words below 1 and gives a word that stands twice its larger frequency", () => {
    expect([...termFrequencies(words)]).toEqual([["wing", 80]]);
  });

  it("keeps every word when asked to", () => {
    expect([...termFrequencies(words, { keepAllWords: true })]).toEqual([
      ["wing", 80],
      ["the", 1],
      ["of", 1],
    ]);
  });
});
