import type { EncodingContract } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { contractOf, settingsOf, temperatureOf } from "./training-settings.ts";

const said = (changes: Partial<EncodingContract>): EncodingContract => ({
  ...{ texts: "single", maxTokens: 64, queryPrefix: "", documentPrefix: "" },
  ...{ pooling: "mean", normalize: true, similarity: "dot" },
  ...changes,
});

const trained = (options: object, start: EncodingContract | undefined) => {
  const settings = settingsOf(options);
  const contract = contractOf(settings, start, 512);
  return { ...contract, temperature: temperatureOf(settings, contract) };
};

describe("settingsOf", () => {
  it("gives a query no more tokens than a passage, and refuses to be told otherwise", () => {
    const given = (options: object) => settingsOf(options);
    expect(given({})).toMatchObject({ queryTokens: 32, maxTokens: 128 });
    expect(given({ maxTokens: 16 })).toMatchObject({ queryTokens: 16, maxTokens: 16 });
    expect(() => given({ maxTokens: 16, queryTokens: 17 })).toThrow(
      "fine-tuning: queryTokens: expected at most maxTokens, which is 16, found 17",
    );
  });
});

describe("contractOf", () => {
  it.each([
    ["a start of unit vectors under dot product", {}, said({}), true, "dot", 0.05],
    ["a start of cosine", {}, said({ similarity: "cosine" }), true, "cosine", 0.05],
    ["a start of free vectors", {}, said({ normalize: false }), false, "dot", 1],
    ["a start that says nothing", {}, undefined, false, "dot", 1],
    ["dot product asked for", { similarity: "dot" }, said({}), false, "dot", 1],
    ["cosine asked for", { similarity: "cosine" }, said({ normalize: false }), true, "cosine", 0.05],
    ["a temperature asked for", { temperature: 0.5 }, said({}), true, "dot", 0.5],
  ] as const)(
    "of %s gives length, similarity and temperature",
    (_, options, start, normalize, similarity, temperature) => {
      expect(trained(options, start)).toMatchObject({ normalize, similarity, temperature });
    },
  );

  it("wants a pooling to be asked for where the start has its pooler's", () => {
    const start = said({ pooling: "pooler" });
    expect(() => trained({}, start)).toThrow("fine-tuning: pooling: the start pools with its pooler");
    expect(() => trained({}, start)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
    expect(trained({ pooling: "cls" }, start)).toMatchObject({ pooling: "cls", normalize: true });
  });
});
