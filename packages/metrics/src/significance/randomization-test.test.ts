import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { pairedTTest, randomizationTest } from "../index.ts";

describe("randomizationTest", () => {
  // Differences 1, 2, 3: of the 8 sums only ±6 are as far from zero.
  it("is exact for few pairs", () => {
    expect(randomizationTest([1, 2, 3], [0, 0, 0])).toEqual({ p: 2 / 8, meanDifference: 2, samples: 8 });
    expect(randomizationTest([0.1, 0.2], [0.1, 0.2]).p).toBe(1);
  });

  it("agrees with the t-test on many pairs, and with itself for one seed", () => {
    const random = seeded(5, "pairs");
    const a = Array.from({ length: 120 }, () => random());
    const b = a.map((value) => value + (random() - 0.47) * 0.4);
    const { p } = randomizationTest(a, b, { samples: 20_000 });
    expect(Math.abs(p - pairedTTest(a, b).p)).toBeLessThan(0.02);
    expect(randomizationTest(a, b, { samples: 20_000 }).p).toBe(p);
    expect(randomizationTest(b, a, { samples: 20_000 }).p).toBe(p);
    expect(randomizationTest(a, b, { samples: 20_000, seed: 2 }).p).not.toBe(p);
  });
});
