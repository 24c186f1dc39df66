import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { crop } from "./index.ts";

describe("crop", () => {
  it("gives every run of the length, each about as often", () => {
    const random = seeded(1, "crop");
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const key = crop([1, 2, 3, 4, 5], 3, random).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["123", "234", "345"]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130); // five deviations
  });

  it.each([[[1, 2]], [[]], [Int32Array.of(1, 2)]])("gives a copy of all when there are fewer: %j", (items) => {
    expect(crop(items, 3, seeded(1))).toEqual([...items]);
  });
});
