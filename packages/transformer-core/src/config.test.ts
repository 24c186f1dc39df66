import { describe, expect, it } from "vitest";
import { type ConfigName, configNames, namedConfig } from "./index.ts";

describe("namedConfig", () => {
  it.each([
    ["tiny", 2, 128, 2],
    ["mini", 4, 256, 4],
    ["small", 4, 512, 8],
    ["medium", 8, 512, 8],
    ["base", 12, 768, 12],
  ] as const)("%s has %i layers of width %i with %i heads", (name, layers, hiddenSize, heads) => {
    const config = namedConfig(name, { vocabSize: 30522 });
    expect(config).toMatchObject({ layers, hiddenSize, heads, intermediateSize: 4 * hiddenSize, vocabSize: 30522 });
    expect(configNames).toContain(name);
  });

  it("keeps BERT's constants unless told otherwise", () => {
    const config = namedConfig("tiny", { vocabSize: 100, dropout: 0, maxPositions: 128 });
    expect(config).toMatchObject({ dropout: 0, maxPositions: 128, attentionDropout: 0.1, layerNormEpsilon: 1e-12 });
  });

  it("names the sizes it has when asked for another", () => {
    expect(() => namedConfig("huge" as ConfigName, { vocabSize: 1 })).toThrow(
      'no encoder size is called "huge" (one of tiny, mini, small, medium, base)',
    );
  });
});
