import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { slotsOf } from "./slots.ts";

/** `KEY:ROWS` of each slot; a key's kind is its first letter. */
const layout = (keys: readonly string[]) =>
  slotsOf(keys, (key) => key[0]!).map(({ key, rows }) => `${key}:${rows.join(",")}`);

describe("slotsOf", () => {
  it.each<[keys: string, slots: string[]]>([
    ["a1", ["a1:0"]],
    ["a1 a1 a1 a1", ["a1:0,1,2,3"]],
    ["a2 a1 a2 a1", ["a2:0,2", "a1:1,3"]],
    ["b1 a1 b2 a1", ["a1:1", "a1:3", "b1:0", "b2:2"]], // kinds together, in the order of their names
    ["a1 a1 a1", ["a1:0", "a1:1", "a1:2"]], // one place of four would be filling
    ["a1 a1 a1 a1 a1 a1 a1 a1", ["a1:0,1,2,3,4,5,6,7"]],
    ["a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1", ["a1:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,0"]], // one of 16
  ])("%s", (keys, slots) => {
    expect(layout(keys.split(" "))).toEqual(slots);
  });

  it("gives few layouts to many mixtures, and little filling", () => {
    const random = seeded(1, "mixtures");
    const layouts = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const keys = Array.from({ length: 32 }, () => `a${random.int(8)}`);
      const slots = slotsOf(keys, (key) => key[0]!);
      const size = slots[0]!.rows.length;
      expect(slots.every(({ rows }) => rows.length === size)).toBe(true);
      expect(slots.length * size).toBeLessThanOrEqual(40);
      expect(new Set(slots.flatMap(({ rows }) => rows)).size).toBe(32);
      expect(slots.every(({ key, rows }) => rows.every((row) => keys[row] === key))).toBe(true);
      layouts.add(`${slots.length} of ${size}`);
    }
    expect(layouts.size).toBeLessThan(6);
  });
});
