import { describe, expect, it } from "vitest";
import { epochOrder } from "./epoch-order.ts";

const LARGE = 70_001; // beyond what is shuffled in memory

describe("epochOrder", () => {
  it.each([1, 2, 17, 1000, LARGE])("visits each of %i items once", (count) => {
    const order = epochOrder(5, 0, count);
    const visited = new Uint8Array(count);
    for (let position = 0; position < count; position++) visited[order(position)]!++;
    expect(visited.every((times) => times === 1)).toBe(true);
  });

  it.each([100, LARGE])("is a function of seed and epoch, of %i items", (count) => {
    const first = (seed: number, epoch: number) =>
      Array.from({ length: 20 }, (_, i) => epochOrder(seed, epoch, count)(i));
    expect(first(5, 0)).toEqual(first(5, 0));
    expect(first(5, 0)).not.toEqual(first(5, 1));
    expect(first(5, 0)).not.toEqual(first(6, 0));
  });

  it("puts no tenth of the positions before any other: chi-square over 100 cells stays under the 99.9 % point", () => {
    const order = epochOrder(3, 0, LARGE);
    const cells = new Float64Array(100); // tenth of the position × tenth of the item
    for (let i = 0; i < LARGE; i++) cells[Math.floor((i * 10) / LARGE) * 10 + Math.floor((order(i) * 10) / LARGE)]!++;
    const expected = LARGE / 100;
    const chiSquare = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(126); // 81 degrees of freedom
  });

  it("does not keep neighbours together", () => {
    const order = epochOrder(3, 0, LARGE);
    let near = 0;
    for (let i = 1; i < LARGE; i++) if (Math.abs(order(i) - order(i - 1)) <= 10) near++;
    expect(near).toBeLessThan(50); // 20 on average, by chance
  });
});
