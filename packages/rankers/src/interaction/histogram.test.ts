import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { binOf, histograms, unitVectors } from "./histogram.ts";

const random = seeded(7, "histograms");
const table = { shape: [40, 8], data: Float32Array.from({ length: 320 }, (_, i) => (i < 8 ? 0 : random() - 0.5)) };
const vectors = unitVectors(table);
const counts = { bins: 30, histogram: "ch", log: "log10", rescale: false } as const;
const document = Array.from({ length: 60 }, () => random.int(45)); // 0: not known; 40 and above: no vector

describe("binOf", () => {
  it("puts the worked example's similarities into bins 29, 17, 24, 18, 13 and 15, exact matches alone in the last", () => {
    expect([1, 0.2, 0.7, 0.3, -0.1, 0.1].map((similarity) => binOf(similarity, 30))).toEqual([29, 17, 24, 18, 13, 15]);
    expect([0.9999, -1, -1.0001, 1.0001].map((similarity) => binOf(similarity, 30))).toEqual([28, 0, 0, 29]);
  });
});

describe("histograms", () => {
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
  const rows = (found: Float32Array, bins = 30) =>
    Array.from({ length: found.length / bins }, (_, i) => found.subarray(i * bins, (i + 1) * bins));

  it("count each word of the document once in each row", () => {
    for (const row of rows(histograms([1, 5, 44, 41], document, vectors, counts)))
      expect(sum(row)).toBe(document.length);
  });

  it("do not change with the order of the document's words", () => {
    const shuffled = [...random.permutation(document.length)].map((place) => document[place]!);
    expect(histograms([3, 4, 42], shuffled, vectors, counts)).toEqual(
      histograms([3, 4, 42], document, vectors, counts),
    );
  });

  it("match a word without a vector to itself alone, and an unknown word to nothing", () => {
    const [own] = rows(histograms([42], [42, 43, 1, 0, 42], vectors, counts));
    expect([own![29], own![binOf(0, 30)]]).toEqual([2, 3]);
    const [none] = rows(histograms([0], [0, 0, 1], vectors, counts));
    expect(none![binOf(0, 30)]).toBe(3);
  });

  it("keep another word of the same vector out of the bin of exact matches", () => {
    const twins = { shape: [3, 2], data: Float32Array.of(0, 0, 0.3, 0.4, 0.3, 0.4) };
    const [row] = rows(histograms([1], [1, 2], unitVectors(twins), counts));
    expect([row![29], row![28]]).toEqual([1, 1]);
  });

  it.each([
    ["lch", "log10", Math.log10(3)],
    ["lch", "ln", Math.log(3)],
    ["nh", "log10", 0.5],
  ] as const)("are %s by %s", (histogram, log, exact) => {
    const [row] = rows(histograms([1], [1, 1, 2, 3], vectors, { ...counts, histogram, log }));
    expect(row![29]).toBeCloseTo(exact, 6);
  });

  it("divide a row's similarities by the largest, as the code does, when asked to", () => {
    const similar = { shape: [3, 2], data: Float32Array.of(0, 0, 1, 0, 0.6, 0.8) }; // cosine 0.6
    const row = (rescale: boolean) => histograms([1], [2, 0], unitVectors(similar), { ...counts, rescale });
    expect([row(false)[binOf(0.6, 30)], row(false)[29]]).toEqual([1, 0]);
    expect([row(true)[29], row(true)[binOf(0, 30)]]).toEqual([1, 1]);
  });

  it("of an empty document are empty", () => {
    for (const histogram of ["lch", "nh", "ch"] as const)
      expect(sum(histograms([1, 2], [], vectors, { ...counts, histogram }))).toBe(0);
  });
});
