import { seeded } from "@propria/base";
import { ranked } from "@propria/metrics";
import { describe, expect, it } from "vitest";
import { bm25, buildIndex, inverseDocumentFrequency } from "./index.ts";

const EXAMPLE = [
  { id: "D1", text: "apple banana apple cherry date" },
  { id: "D2", text: "banana egg egg fig date" },
];

describe("bm25", () => {
  it("scores the worked example: ln 2 · 2/2.9 + ln 1.2 · 1/1.9", async () => {
    const index = await buildIndex(EXAMPLE);
    const [first, second] = bm25(index, "apple date", { k1: 0.9, b: 0.4 });
    expect(first).toMatchObject({ documentId: "D1", score: expect.closeTo(0.57399, 5) });
    expect(second).toMatchObject({ documentId: "D2", score: expect.closeTo(Math.log(1.2) / 1.9, 12) });
  });

  it("counts a term of the query as often as the query holds it", async () => {
    const index = await buildIndex(EXAMPLE);
    expect(bm25(index, "fig fig")[0]!.score).toBeCloseTo(2 * bm25(index, "fig")[0]!.score, 12);
  });

  it("rises with the term's frequency and stays below the sum of the idf", async () => {
    const documents = Array.from({ length: 30 }, (_, i) => ({
      id: `d${i}`,
      text: `${"wing ".repeat(i + 1)}${"plane ".repeat(30 - i)}`, // all 31 terms long
    }));
    const index = await buildIndex(documents);
    const scores = bm25(index, "wing");
    expect(scores.map(({ documentId }) => documentId)).toEqual(documents.map(({ id }) => id).reverse());
    expect(scores[0]!.score).toBeLessThan(inverseDocumentFrequency(30, 30));
  });

  it("does not look at lengths when b is 0", async () => {
    const index = await buildIndex([
      { id: "short", text: "wing" },
      { id: "long", text: `wing ${"plane ".repeat(50)}` },
    ]);
    const [first, second] = bm25(index, "wing", { b: 0 });
    expect(first!.score).toBe(second!.score);
    expect(bm25(index, "wing", { b: 1 })[0]!.documentId).toBe("short");
  });

  it("gives every term an idf above 0, also one that all documents hold", () => {
    for (const documentFrequency of [1, 5, 10])
      expect(inverseDocumentFrequency(10, documentFrequency)).toBeGreaterThan(0);
  });

  it("breaks ties by document id, descending, also at the cut", async () => {
    const index = await buildIndex(["b", "d", "a", "c"].map((id) => ({ id, text: "same words" })));
    const ids = (depth: number) => bm25(index, "words", { depth }).map(({ documentId }) => documentId);
    expect(ids(10)).toEqual(["d", "c", "b", "a"]);
    expect(ids(2)).toEqual(["d", "c"]);
  });

  it("keeps the best by its heap as sorting all would", async () => {
    const random = seeded(5, "bm25");
    const word = () => `w${random.int(40)}`;
    const documents = Array.from({ length: 500 }, (_, i) => ({
      id: `d${i}`,
      text: Array.from({ length: 1 + random.int(30) }, word).join(" "),
    }));
    const index = await buildIndex(documents);
    for (let i = 0; i < 20; i++) {
      const query = [word(), word(), word()].join(" ");
      const all = bm25(index, query, { depth: 500 });
      expect(all).toEqual(ranked(all));
      expect(bm25(index, query, { depth: 17 })).toEqual(all.slice(0, 17));
    }
  });

  it("returns nothing for a query without a known term", async () => {
    const index = await buildIndex(EXAMPLE);
    for (const query of ["", "zebra", "the of and"]) expect(bm25(index, query)).toEqual([]);
    expect(bm25(await buildIndex([]), "wing")).toEqual([]);
  });

  it.each([
    [{ k1: -1 }, "k1 is -1 (0 or more)"],
    [{ b: 1.5 }, "b is 1.5 (from 0 to 1)"],
    [{ k1: Number.NaN }, "k1 is NaN (0 or more)"],
    [{ depth: 0 }, "depth is 0 (a whole number of documents, 1 or more)"],
  ])("refuses %j", async (options, message) => {
    const index = await buildIndex(EXAMPLE);
    expect(() => bm25(index, "apple", options)).toThrow(expect.objectContaining({ code: "SEARCH_OPTION", message }));
  });
});
