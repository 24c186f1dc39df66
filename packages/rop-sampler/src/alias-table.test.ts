import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { chiSquare, criticalValue } from "../test/chi-square.ts";
import { aliasTable } from "./index.ts";

describe("aliasTable", () => {
  it.each([[[1, 2, 3, 4]], [[5, 0, 1e-3, 0, 7]], [Array.from({ length: 200 }, (_, i) => 1 / (i + 1))]])(
    "draws by weight, and never what has none (%#)",
    (weights) => {
      const draw = aliasTable(Float64Array.from(weights));
      const random = seeded(3, "alias");
      const counts = new Array<number>(weights.length).fill(0);
      for (let i = 0; i < 1e6; i++) counts[draw(random)]!++;
      weights.forEach((weight, i) => {
        if (weight === 0) expect(counts[i]).toBe(0);
      });
      const total = weights.reduce((a, b) => a + b, 0);
      const { statistic, degreesOfFreedom } = chiSquare(
        counts.filter((_, i) => weights[i]! > 0),
        weights.filter((weight) => weight > 0).map((weight) => weight / total),
      );
      expect(statistic).toBeLessThan(criticalValue(degreesOfFreedom));
    },
  );

  it("draws the only outcome there is", () => {
    expect(aliasTable(Float64Array.of(0.1))(seeded(1))).toBe(0);
  });
});
