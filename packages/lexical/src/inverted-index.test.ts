import { analyzer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { buildIndex, corpusStatistics, searchAll } from "./index.ts";

const DOCUMENTS = [
  { id: "a", text: "The wing, the WING and a plane" },
  { id: "b", text: "" },
  { id: "c", text: "planes and wings; 2 wings" },
];

describe("buildIndex", () => {
  it("counts terms by document and in all, and leaves stop words out of the lengths", async () => {
    const index = await buildIndex(DOCUMENTS);
    expect(index).toMatchObject({ documentCount: 3, totalTerms: 7, documentIds: ["a", "b", "c"] });
    expect([...index.documentLengths]).toEqual([3, 0, 4]);
    expect(index.averageLength).toBeCloseTo(7 / 3, 12);
    expect([...index.terms()]).toEqual(["wing", "plane", "planes", "wings", "2"]);
    expect(index.term("wing")).toMatchObject({ documentFrequency: 1, collectionFrequency: 2 });
    expect(index.term("the")).toBeUndefined();
    expect(index.term("zebra")).toBeUndefined();
  });

  it("merges words of one stem, and asks the same of queries", async () => {
    const index = await buildIndex(DOCUMENTS, { analyzer: analyzer({ stem: true }) });
    const { documentFrequency, collectionFrequency, postings } = index.term("wing")!;
    expect({ documentFrequency, collectionFrequency }).toEqual({ documentFrequency: 2, collectionFrequency: 4 });
    expect([...postings.documents]).toEqual([0, 2]);
    expect([...postings.termFrequencies]).toEqual([2, 2]);
    expect(index.analyzer("flying wings")).toEqual(["fly", "wing"]);
  });

  it("reads a stream once and reports how far it is", async () => {
    const seen: number[] = [];
    async function* stream() {
      for (let i = 0; i < 300; i++) yield { id: `d${i}`, text: `word${i} common` };
    }
    const index = await buildIndex(stream(), { onProgress: (count) => seen.push(count) });
    expect(seen).toEqual([256, 300]);
    expect(index.term("common")!.documentFrequency).toBe(300);
  });

  it("counts a term beyond 65,535 in one document", async () => {
    const index = await buildIndex([{ id: "a", text: "x ".repeat(70_000) }]);
    expect(index.term("x")!.postings.termFrequencies[0]).toBe(70_000);
  });

  it("grows past one chunk of pairs", async () => {
    const words = Array.from({ length: 1000 }, (_, i) => `w${i}`).join(" ");
    const index = await buildIndex(Array.from({ length: 100 }, (_, i) => ({ id: `d${i}`, text: words })));
    expect(index.postingCount).toBe(100_000);
    expect([...index.term("w999")!.postings.documents]).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("takes term frequencies in a text's place: as the text in which each word stands as often", async () => {
    const given = [
      {
        id: "a",
        terms: new Map([
          ["The", 9],
          ["Wings", 3],
          ["wing", 2],
          ["plane", 1],
        ]),
      },
      { id: "b", terms: new Map<string, number>() },
    ];
    const written = [
      { id: "a", text: `${"The ".repeat(9)}${"Wings ".repeat(3)}wing wing plane` },
      { id: "b", text: "" },
    ];
    for (const options of [{}, { analyzer: analyzer({ stem: true }) }]) {
      const index = await buildIndex([...given, DOCUMENTS[2]!], options);
      const same = await buildIndex([...written, DOCUMENTS[2]!], options);
      expect([...index.documentLengths]).toEqual([6, 0, 4]);
      expect(corpusStatistics(index)).toEqual(corpusStatistics(same));
      expect([...index.terms()]).toEqual([...same.terms()]);
      for (const term of index.terms()) expect(index.term(term)).toEqual(same.term(term));
    }
  });

  it.each([
    [0, '"wing" has frequency 0'],
    [1.5, '"wing" has frequency 1.5'],
    [Number.NaN, '"wing" has frequency NaN'],
    [2 ** 32, '"wing" has frequency 4294967296'],
  ])("refuses a frequency of %d", async (frequency, what) => {
    const index = buildIndex([{ id: "a", terms: new Map([["wing", frequency]]) }]);
    await expect(index).rejects.toMatchObject({ code: "TERM_FREQUENCY", at: "document a" });
    await expect(index).rejects.toThrow(what);
  });

  it("refuses a document that is longer than 32 bits can say", async () => {
    const terms = new Map([
      ["wing", 2 ** 31],
      ["plane", 2 ** 31],
    ]);
    await expect(buildIndex([{ id: "a", terms }])).rejects.toThrow("4294967296 terms in one document");
  });

  it("refuses two documents of one id", async () => {
    await expect(buildIndex([...DOCUMENTS, { id: "a", text: "again" }])).rejects.toMatchObject({
      code: "DUPLICATE_DOCUMENT",
      message: 'document 4: two documents have the id "a" (ids must be unique in a corpus)',
    });
  });
});

describe("corpusStatistics", () => {
  it("counts", async () => {
    expect(corpusStatistics(await buildIndex(DOCUMENTS))).toEqual({
      documentCount: 3,
      emptyDocumentCount: 1,
      distinctTerms: 5,
      totalTerms: 7,
      averageLength: 7 / 3,
      longestLength: 4,
      postingCount: 5,
    });
  });
});

describe("searchAll", () => {
  it("answers every query, also one that nothing matches", async () => {
    const queries = [
      { id: "q1", text: "wing" },
      { id: "q2", text: "zebra" },
    ];
    const run = await searchAll(queries, (query) => (query === "wing" ? [{ documentId: "a", score: 1 }] : []));
    expect([...run]).toEqual([
      ["q1", [{ documentId: "a", score: 1 }]],
      ["q2", []],
    ]);
  });
});
