import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { drawGroups, type Turn } from "./bi-encoder-source.ts";

const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);
const query = { queryIds: [], positives: [1, 2, 3], negatives: range(10, 30) };

const groups = (epoch: number, changes: Partial<Turn> = {}, of = query) =>
  drawGroups(of, {
    ...{ groupSize: 8, positives: "one", seed: 3, item: 5, epoch, documentCount: 60 },
    random: seeded(3, "examples", epoch, 5),
    ...changes,
  });

describe("drawGroups", () => {
  it("takes the next positive in each epoch, from one that the query decides", () => {
    const first = range(0, 7).map((epoch) => groups(epoch)[0]![0]!);
    for (const [epoch, positive] of first.entries()) expect(positive).toBe(((first[0]! - 1 + epoch) % 3) + 1);
    const starts = range(0, 40).map((item) => groups(0, { item })[0]![0]!);
    expect(new Set(starts)).toEqual(new Set([1, 2, 3]));
  });

  it("walks through the negatives: seven other ones in each of the first four epochs, then from the beginning", () => {
    const taken = range(0, 5).map((epoch) => groups(epoch)[0]!.slice(1));
    const four = taken.slice(0, 4).flat();
    expect(four).toHaveLength(28);
    expect(new Set(four).size).toBe(28);
    expect(four.every((number) => query.negatives.includes(number))).toBe(true);
    expect(taken[4]!.slice(2)).toEqual(taken[0]!.slice(0, 5)); // 30 are two more than four times seven
    expect(groups(0)).toEqual(groups(0));
    expect(groups(0, { seed: 4 })[0]!.slice(1)).not.toEqual(taken[0]);
    expect(groups(0, { item: 6 })[0]!.slice(1)).not.toEqual(taken[0]);
  });

  it("draws with replacement from fewer negatives than a group needs", () => {
    const few = { ...query, negatives: [10, 11] };
    const [group] = groups(0, {}, few);
    expect(group).toHaveLength(8);
    expect(group!.slice(1).every((number) => few.negatives.includes(number))).toBe(true);
    expect(groups(1, {}, few)).not.toEqual(groups(0, {}, few));
  });

  it("takes random documents that are not relevant for a query without negatives", () => {
    const none = { ...query, negatives: [] };
    for (const epoch of range(0, 50)) {
      const negatives = groups(epoch, { documentCount: 10 }, none)[0]!.slice(1);
      expect(new Set(negatives).size).toBe(7);
      expect(negatives.some((number) => query.positives.includes(number))).toBe(false);
    }
  });

  it("makes a group of each positive when told to, with other negatives in each", () => {
    const each = groups(0, { positives: "each" });
    expect(each.map(([positive]) => positive)).toEqual([1, 2, 3]);
    expect(new Set(each.flatMap((group) => group.slice(1))).size).toBe(21);
    expect(groups(0, { groupSize: 1 })).toEqual([[groups(0)[0]![0]]]);
  });
});
