import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import {
  initialize,
  initializeFrom,
  maskedLanguageModelInits,
  namedConfig,
  poolerInits,
  rankingInits,
} from "./index.ts";

const config = namedConfig("tiny", { vocabSize: 500, maxPositions: 64 });
const heads = { ...poolerInits(config), ...maskedLanguageModelInits(config), ...rankingInits(config) };

describe("initialize", () => {
  it("draws the same weights for the same seed, whatever other heads there are", () => {
    const plain = initialize(config, {}, seeded(7, "init"));
    const more = initialize(config, heads, seeded(7, "init"));
    for (const [name, { data }] of Object.entries(plain)) expect(more[name]?.data).toEqual(data);
    const other = initialize(config, {}, seeded(8, "init"));
    const name = "bert.embeddings.word_embeddings.weight";
    expect(other[name]?.data).not.toEqual(plain[name]?.data);
  });

  it("is normal with initializerRange, cut at two deviations", () => {
    const { data } = initialize(config, {}, seeded(3))["bert.embeddings.word_embeddings.weight"]!;
    const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
    expect(Math.abs(mean)).toBeLessThan(3e-4); // four standard errors of 64,000 draws
    expect(deviation / 0.02).toBeCloseTo(0.8796, 2); // of a normal cut at ±2
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(0.04 * (1 + 1e-6));
  });

  it("starts biases at 0 and LayerNorm at 1", () => {
    const parameters = initialize(config, heads, seeded(3));
    for (const [name, { data }] of Object.entries(parameters)) {
      if (name.endsWith("bias")) expect(data.every((x) => x === 0)).toBe(true);
      if (name.endsWith("LayerNorm.weight")) expect(data.every((x) => x === 1)).toBe(true);
    }
  });

  it("draws uniformly between the bounds where one is given, by the parameter's name alone", () => {
    const inits = {
      "a.weight": { shape: [50, 40], std: 0, bound: 0.25 },
      "b.weight": { shape: [2], std: 0, bound: 1 },
    };
    const { "a.weight": a } = initializeFrom(inits, seeded(3));
    expect(Math.max(...a!.data.map(Math.abs))).toBeLessThanOrEqual(0.25);
    const deviation = Math.sqrt(a!.data.reduce((sum, x) => sum + x ** 2, 0) / a!.data.length);
    expect(deviation / 0.25).toBeCloseTo(1 / Math.sqrt(3), 1);
    expect(initializeFrom({ "a.weight": inits["a.weight"] }, seeded(3))["a.weight"]).toEqual(a);
  });
});
