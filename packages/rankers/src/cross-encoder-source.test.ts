import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { drawGroup } from "./cross-encoder-source.ts";

const query = { queryIds: [], positives: [3, 7], negatives: [10, 11, 12, 13, 14] };
const draws = (groupSize: number, negatives = query.negatives) =>
  Array.from({ length: 300 }, (_, item) =>
    drawGroup({ ...query, negatives }, groupSize, 20, seeded(1, "examples", 0, item)),
  );

describe("drawGroup", () => {
  it("puts one of the positives first and different negatives of the query's own behind it", () => {
    for (const [positive, ...negatives] of draws(4)) {
      expect(query.positives).toContain(positive);
      expect(new Set(negatives).size).toBe(3);
      for (const negative of negatives) expect(query.negatives).toContain(negative);
    }
  });

  it("draws every positive and every negative", () => {
    const drawn = draws(2);
    expect(new Set(drawn.map(([positive]) => positive))).toEqual(new Set(query.positives));
    expect(new Set(drawn.map(([, negative]) => negative))).toEqual(new Set(query.negatives));
  });

  it("fills up with other documents of the corpus, never with a positive or a document twice", () => {
    for (const group of draws(5, [10])) {
      expect(group[1]).toBe(10);
      expect(new Set(group).size).toBe(5);
      expect(group.slice(1).filter((number) => query.positives.includes(number))).toEqual([]);
      expect(group.every((number) => number < 20)).toBe(true);
    }
  });

  it("is the same for the same stream", () => {
    expect(draws(4)).toEqual(draws(4));
  });
});
