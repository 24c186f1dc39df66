import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { drawGroups } from "./interaction-source.ts";
import { wordsBy } from "./words.ts";

describe("drawGroups", () => {
  const query = { queryIds: [], positives: [1, 2, 3], negatives: [10, 11, 12, 13, 14] };
  const usual = { groupSize: 3, groupsPerPositive: 1, groupsPerQuery: 1000, fewPositives: "same", boost: 1 } as const;
  const groups = (given: object, more: object = {}, seed = 1) => [
    ...drawGroups({ ...query, ...given }, 50, seeded(seed, "groups"), { ...usual, ...more }),
  ];

  it("has one group of each positive, with negatives of the query without repetition", () => {
    const found = groups({});
    expect(found.map(([positive]) => positive!).sort()).toEqual([1, 2, 3]);
    for (const [, ...negatives] of found) {
      expect(new Set(negatives).size).toBe(2);
      for (const negative of negatives) expect(query.negatives).toContain(negative);
    }
  });

  it("has as many as asked for, but no more than a query may have", () => {
    expect(groups({}, { groupsPerPositive: 4 })).toHaveLength(12);
    expect(groups({}, { groupsPerPositive: 4, groupsPerQuery: 5 })).toHaveLength(5);
    expect(groups({}, { boost: 1.5 })).toHaveLength(5); // 4.5, rounded
  });

  it("fills a group from the corpus where the query has too few negatives, never with a positive", () => {
    for (const seed of [1, 2, 3, 4, 5])
      for (const [, ...negatives] of groups({ negatives: [10] }, { groupSize: 40 }, seed)) {
        expect(new Set(negatives).size).toBe(39);
        expect(negatives.some((each) => query.positives.includes(each))).toBe(false);
      }
  });

  it("may put a positive of a lower label below another, and none of the same", () => {
    const below = new Set<string>();
    for (let seed = 0; seed < 40; seed++)
      for (const [positive, ...others] of groups({ labels: [1, 0.5, 0.5] }, {}, seed))
        for (const other of others) if (other < 10) below.add(`${positive}>${other}`);
    expect([...below].sort()).toEqual(["1>2", "1>3"]);
  });

  it("draws the same for the same stream", () => expect(groups({}, {}, 7)).toEqual(groups({}, {}, 7)));
});

describe("wordsBy", () => {
  it.each([
    [{}, "The Wings of 2 planes", ["wings", "2", "planes"]],
    [{ stem: true, stopWords: ["plane"] }, "The wings of planes", ["the", "wing", "of", "plane"]],
    [{ pattern: "\\p{L}+", stopWords: "none" as const }, "Été, 2 fois", ["été", "fois"]],
    [{ segment: "chinese" as const }, "北京大学的 USB 接口", ["北京", "大学", "的", "usb", "接口"]],
    [{ segment: "chinese" as const, stopWords: "chinese" as const }, "我们的接口", ["接口"]],
  ])("by %j", (options, text, words) => expect(wordsBy(options)(text)).toEqual(words));

  it("refuses a pattern that is none", () =>
    expect(() => wordsBy({ pattern: "(" })).toThrow(expect.objectContaining({ code: "OPTION_INVALID" })));
});
