import { describe, expect, it } from "vitest";
import { D1, D2, toyStatistics } from "../test/toy.ts";
import { documentModels } from "./index.ts";

const statistics = toyStatistics();
const probabilities = (text: string, options: Parameters<typeof documentModels>[1] = {}) => {
  const model = documentModels(statistics, options)(text);
  return Object.fromEntries(statistics.words.map((word, i) => [word, model.probability(i)]));
};
const rounded = (values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([word, value]) => [word, Number(value.toFixed(12))]));

describe("documentModels", () => {
  it("gives the worked example: μ is the average length, 5", () => {
    expect(rounded(probabilities(D1))).toEqual({
      apple: 0.3,
      banana: 0.2,
      cherry: 0.15,
      date: 0.2,
      egg: 0.1,
      fig: 0.05,
    });
    expect(rounded(probabilities(D2))).toEqual({
      apple: 0.1,
      banana: 0.2,
      cherry: 0.05,
      date: 0.2,
      egg: 0.3,
      fig: 0.15,
    });
  });

  it("smooths with document frequencies where told, as PROP's code does", () => {
    const expected = { apple: 0.2625, banana: 0.225, cherry: 0.1625, date: 0.225, egg: 0.0625, fig: 0.0625 };
    for (const [word, value] of Object.entries(expected))
      expect(probabilities(D1, { collectionModel: "df" })[word]).toBeCloseTo(value, 12);
  });

  it.each([
    { text: D1 },
    { text: "" },
    { text: "apple unknown words" },
    { text: D2, mu: 1000 },
    { text: D1, collectionModel: "df" as const },
  ])("sums to 1 over the vocabulary: %j", ({ text, ...options }) => {
    const sum = Object.values(probabilities(text, options)).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
  });

  it("is the document's shares for small μ and the collection's for large", () => {
    expect(probabilities(D1, { mu: 1e-9 }).apple).toBeCloseTo(2 / 5, 8);
    expect(probabilities(D1, { mu: 1e12 }).apple).toBeCloseTo(2 / 10, 8);
  });

  it("reads stems where the statistics have them", () => {
    const stems = toyStatistics({ stem: true });
    const apple = stems.words.indexOf("appl");
    expect(documentModels(stems)(D1).probability(apple)).toBeCloseTo(0.3, 12);
  });
});
