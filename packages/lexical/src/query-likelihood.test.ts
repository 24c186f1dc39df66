import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { buildIndex, type InvertedIndex, queryLikelihood, queryLogLikelihood, smoothedProbability } from "./index.ts";

const D1 = "apple banana apple cherry date";
const D2 = "banana egg egg fig date";
const example = () =>
  buildIndex([
    { id: "D1", text: D1 },
    { id: "D2", text: D2 },
  ]);

/** P(w|θ_D) by the index's own counts. */
function probability(index: InvertedIndex, word: string, document: number, mu: number): number {
  const { collectionFrequency, postings } = index.term(word)!;
  const at = postings.documents.indexOf(document);
  const termFrequency = at < 0 ? 0 : postings.termFrequencies[at]!;
  return smoothedProbability(
    termFrequency,
    index.documentLengths[document]!,
    collectionFrequency / index.totalTerms,
    mu,
  );
}

describe("smoothedProbability", () => {
  it("gives the worked example's document models", async () => {
    const index = await example();
    const model = (document: number) =>
      ["apple", "banana", "cherry", "date", "egg", "fig"].map((word) => probability(index, word, document, 5));
    const near = (values: number[]) => values.map((value) => expect.closeTo(value, 12));
    expect(model(0)).toEqual(near([0.3, 0.2, 0.15, 0.2, 0.1, 0.05]));
    expect(model(1)).toEqual(near([0.1, 0.2, 0.05, 0.2, 0.3, 0.15]));
  });

  it("sums to 1 over the vocabulary", async () => {
    const random = seeded(9, "dirichlet");
    const documents = Array.from({ length: 20 }, (_, i) => ({
      id: `d${i}`,
      text: Array.from({ length: random.int(40) }, () => `w${random.int(100)}`).join(" "),
    }));
    const index = await buildIndex(documents);
    for (const [document] of documents.entries()) {
      const sum = [...index.terms()].reduce((total, word) => total + probability(index, word, document, 7), 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
    }
  });

  it("is the document's share without smoothing and the collection's with boundless smoothing", () => {
    expect(smoothedProbability(2, 5, 0.3, 0)).toBe(2 / 5);
    expect(smoothedProbability(2, 5, 0.3, 1e15)).toBeCloseTo(0.3, 12);
    expect(smoothedProbability(0, 0, 0.3, 5)).toBe(0.3);
    expect(smoothedProbability(0, 0, 0.3, 0)).toBe(0.3);
  });
});

describe("queryLikelihood", () => {
  it("scores the worked example in both forms", async () => {
    const index = await example();
    expect(queryLogLikelihood(index, 0, "apple date", { mu: 5 })).toBeCloseTo(-2.8134, 4);
    expect(queryLogLikelihood(index, 1, "apple date", { mu: 5 })).toBeCloseTo(-3.912, 4);
    expect(queryLikelihood(index, "apple date", { mu: 5 })).toEqual([
      { documentId: "D1", score: expect.closeTo(0.4055, 4) },
      { documentId: "D2", score: expect.closeTo(Math.log(5 / 10), 12) },
    ]);
  });

  it("differs from the log likelihood by one constant a query", async () => {
    const random = seeded(10, "query-likelihood");
    const words = (count: number) => Array.from({ length: count }, () => `w${random.int(30)}`).join(" ");
    const documents = Array.from({ length: 60 }, (_, i) => ({ id: `d${i}`, text: words(1 + random.int(30)) }));
    const index = await buildIndex(documents);
    for (let i = 0; i < 20; i++) {
      const query = words(4);
      const differences = queryLikelihood(index, query, { mu: 12 }).map(
        ({ documentId, score }) =>
          score - queryLogLikelihood(index, index.documentIds.indexOf(documentId), query, { mu: 12 }),
      );
      for (const difference of differences) expect(difference).toBeCloseTo(differences[0]!, 10);
    }
  });

  it("adds up over the terms of a query, a term that the document lacks included", async () => {
    const index = await example();
    const score = (query: string) =>
      queryLikelihood(index, query, { mu: 5 }).find(({ documentId }) => documentId === "D1")!.score;
    expect(score("apple date")).toBeCloseTo(score("apple") + score("date"), 12);
    expect(score("apple egg")).toBeCloseTo(score("apple") + Math.log(5 / 10), 12);
    expect(score("apple apple")).toBeCloseTo(2 * score("apple"), 12);
  });

  it("drops words that the collection lacks", async () => {
    const index = await example();
    expect(queryLikelihood(index, "apple zebra")).toEqual(queryLikelihood(index, "apple"));
    expect(queryLikelihood(index, "zebra")).toEqual([]);
    expect(queryLogLikelihood(index, 0, "zebra")).toBe(0);
  });

  it.each([0, -1, Number.NaN])("refuses μ = %d", async (mu) => {
    const index = await example();
    expect(() => queryLikelihood(index, "apple", { mu })).toThrow(expect.objectContaining({ code: "SEARCH_OPTION" }));
  });
});
