import { describe, expect, it } from "vitest";
import { parseFactory } from "./factory.ts";

describe("parseFactory", () => {
  it.each([
    ["Flat", { text: "Flat", exact: true, leastTraining: 0 }],
    ["HNSW32", { text: "HNSW32", exact: false, links: 32, leastTraining: 0 }],
    ["IVF316,Flat", { text: "IVF316,Flat", lists: 316, leastTraining: 316, mostTraining: 316 * 256 }],
    ["PQ16", { text: "PQ16np", leastTraining: 256, mostTraining: 65_536 }],
    ["PQ16x4np", { text: "PQ16x4np", leastTraining: 16 }],
    ["IVF20,PQ8x4", { text: "IVF20,PQ8x4np", lists: 20, leastTraining: 20 }],
    ["SQ8", { text: "SQ8", exact: false, leastTraining: 1 }],
  ])("reads %s", (text, expected) => {
    expect(parseFactory(text, 64)).toMatchObject(expected);
  });

  it.each([
    "",
    "flat",
    "IDMap,Flat",
    "IVF10",
    "IVF0,Flat",
    "PQ7",
    "PQ0",
    "PQ8x2",
    "HNSW1",
    "HNSW32,PQ8",
    "OPQ8,PQ8",
    "Flat ",
  ])("refuses %j with the forms that there are", (text) => {
    expect(() => parseFactory(text, 64)).toThrow(expect.objectContaining({ code: "FAISS_FACTORY" }));
  });
});
