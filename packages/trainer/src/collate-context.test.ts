import { describe, expect, it } from "vitest";
import { lengthBuckets } from "./buckets.ts";
import { collateContext } from "./collate-context.ts";

const { pad } = collateContext(lengthBuckets(64, 8), { bucketTokens: 32 });
const row = (length: number) => Array.from({ length }, (_, i) => i + 1);

describe("pad", () => {
  it("fills rows up to the smallest bucket that holds the longest, and marks what is real", () => {
    const { inputIds, attentionMask } = pad([[5, 6], [7]]);
    expect(inputIds.shape).toEqual([2, 32]);
    expect([...inputIds.data.slice(0, 3), ...inputIds.data.slice(32, 34)]).toEqual([5, 6, 0, 7, 0]);
    expect([...attentionMask.data.slice(0, 3), ...attentionMask.data.slice(32, 34)]).toEqual([1, 1, 0, 1, 0]);
    expect(pad([row(33), [1]]).inputIds.shape).toEqual([2, 64]);
  });

  it("takes a width, a filler and token types", () => {
    const padded = pad([[5, 6]], { width: 3, padId: 9, tokenTypes: [[0, 1]] });
    expect([...padded.inputIds.data]).toEqual([5, 6, 9]);
    expect([...padded.tokenTypeIds.data]).toEqual([0, 1, 0]);
    expect(padded.attentionMask.data).toEqual(Int32Array.of(1, 1, 0));
  });

  it("fills with the source's own padding id", () => {
    const context = collateContext(lengthBuckets(2, 1), { bucketTokens: 2, padId: 7 });
    expect([...context.pad([[1]]).inputIds.data]).toEqual([1, 7]);
  });

  it("refuses a row that fits no bucket or not the width", () => {
    expect(() => pad([row(65)])).toThrow("a row has 65 tokens, at most 64 fit");
    expect(() => pad([row(4)], { width: 3 })).toThrow("a row has 4 tokens, its batch is 3 wide");
  });
});
