import { describe, expect, it } from "vitest";
import { meanNeighbourhood, neighbourhood } from "./neighbourhood.ts";

const query = Float32Array.of(2, 0);
const documents = Float32Array.of(3, 0, /**/ 0, 1, /**/ 3, 4, /**/ -1, 0); // cosines 1, 0, 0.6, −1

describe("neighbourhood", () => {
  it("gives mean similarities, the margin, and the share of pairs in order", () => {
    const found = neighbourhood({ query, documents, grades: [1, 2, 0, -1] });
    expect(found).toMatchObject({ relevant: 2, nonRelevant: 2, relevantSimilarity: 0.5, auc: 0.75 });
    expect(found.nonRelevantSimilarity).toBeCloseTo(-0.2, 7);
    expect(found.margin).toBeCloseTo(0.7, 7);
  });

  it("takes dot products when asked to", () => {
    const found = neighbourhood({ query, documents, grades: [1, 0, 1, 0] }, "dot");
    expect(found).toMatchObject({ relevantSimilarity: 6, nonRelevantSimilarity: -1, margin: 7, auc: 1 });
  });

  it("counts ties half: 0.5 when all documents are one", () => {
    const same = Float32Array.of(1, 1, 1, 1, 1, 1);
    expect(neighbourhood({ query, documents: same, grades: [1, 0, 0] })).toMatchObject({ margin: 0, auc: 0.5 });
    const zeros = neighbourhood({ query, documents: new Float32Array(4), grades: [1, 0] });
    expect(zeros).toMatchObject({ relevantSimilarity: 0, margin: 0, auc: 0.5 });
  });

  it("leaves out what needs documents of both kinds", () => {
    expect(neighbourhood({ query, documents: documents.subarray(0, 2), grades: [1] })).toEqual({
      ...{ relevant: 1, nonRelevant: 0, relevantSimilarity: 1 },
      ...{ nonRelevantSimilarity: undefined, margin: undefined, auc: undefined },
    });
  });

  it("refuses vectors of another length", () => {
    expect(() => neighbourhood({ query, documents, grades: [1] })).toThrow(
      expect.objectContaining({ code: "DIMENSIONS" }),
    );
  });
});

describe("meanNeighbourhood", () => {
  it("is over the queries that have a value", () => {
    const both = neighbourhood({ query, documents, grades: [1, 2, 0, -1] });
    const one = neighbourhood({ query, documents: documents.subarray(0, 2), grades: [1] });
    const mean = meanNeighbourhood([both, one]);
    expect(mean).toMatchObject({ relevant: 3, nonRelevant: 2, relevantSimilarity: 0.75, auc: both.auc });
    expect(meanNeighbourhood([]).auc).toBeUndefined();
  });
});
