import { describe, expect, it } from "vitest";
import { philox4x32, seeded } from "./index.ts";

describe("philox4x32", () => {
  // Known answers of the authors' Random123 (kat_vectors, philox4x32 10).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("gives Random123's words for counter %j", (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(Uint32Array.from(counter), Uint32Array.from(key), out);
    expect([...out]).toEqual(expected);
  });
});

describe("seeded", () => {
  it("draws the same numbers for the same seed and names, and others for others", () => {
    const draw = (...names: (string | number)[]) => Array.from({ length: 8 }, seeded(7, ...names));
    expect(draw("masks", 3)).toEqual(draw("masks", 3));
    expect(draw("masks", 3)).not.toEqual(draw("masks", 4));
    expect(draw("masks", 3)).not.toEqual(draw("masks", "3"));
    expect(draw("masks")).not.toEqual(Array.from({ length: 8 }, seeded(8, "masks")));
  });

  it("forks without moving the stream", () => {
    const plain = seeded(1, "a");
    const forked = seeded(1, "a");
    forked.fork("b")();
    expect(forked()).toBe(plain());
    expect(seeded(1, "a").fork("b")()).toBe(seeded(1, "a", "b")());
  });

  it("is uniform: chi-square of 100 cells over 10⁶ draws stays under the 99.9 % point", () => {
    const counts = new Float64Array(100);
    const random = seeded(11, "uniform");
    for (let i = 0; i < 1e6; i++) counts[random.int(100)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1e4) ** 2 / 1e4, 0);
    expect(chiSquare).toBeLessThan(148.2); // 99 degrees of freedom
  });

  it("permutes: every number once, and not in order", () => {
    const order = seeded(3, "order").permutation(50);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect([...order]).not.toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
