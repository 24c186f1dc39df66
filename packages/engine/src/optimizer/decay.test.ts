import { describe, expect, it } from "vitest";
import { decaysByName } from "../index.ts";

describe("decaysByName", () => {
  it.each([
    ["bert.encoder.layer.0.attention.self.query.weight", true],
    ["bert.embeddings.word_embeddings.weight", true],
    ["bert.encoder.layer.0.attention.self.query.bias", false],
    ["cls.predictions.bias", false],
    ["bert.embeddings.LayerNorm.weight", false],
  ])("says for %s: %s", (name, decays) => {
    expect(decaysByName(name)).toBe(decays);
  });
});
