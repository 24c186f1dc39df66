import { describe, expect, it } from "vitest";
import { bucketOf, lengthBuckets, longestRow } from "./buckets.ts";

describe("lengthBuckets", () => {
  it.each([
    [512, [32, 64, 128, 256, 512]],
    [128, [32, 64, 128]],
    [100, [32, 64, 100]],
    [20, [20]],
    [1000, [32, 64, 128, 256, 512, 1000]],
  ])("for at most %i tokens are %j wide", (maxTokens, widths) => {
    expect(lengthBuckets(maxTokens, 8).map((bucket) => bucket.tokens)).toEqual(widths);
  });

  it("hold a constant number of examples, or about a constant number of tokens", () => {
    expect(lengthBuckets(128, 8).map((bucket) => bucket.examples)).toEqual([8, 8, 8]);
    expect(lengthBuckets(128, { tokens: 100 }).map((bucket) => bucket.examples)).toEqual([3, 1, 1]);
  });

  it("take an example that is exactly as long as they are wide", () => {
    const buckets = lengthBuckets(64, 8);
    expect([0, 32, 33, 64, 65].map((tokens) => bucketOf(buckets, tokens))).toEqual([0, 0, 1, 1, -1]);
  });
});

describe("longestRow", () => {
  it.each([
    [{ query: [1, 2], passages: [[1], [1, 2, 3]] }, 3],
    [{ ids: Int32Array.of(1, 2, 3, 4), labels: [1] }, 4],
    [{ text: "words are no tokens", label: 1 }, 0],
    [[], 0],
    [null, 0],
  ])("of %j is %i", (example, tokens) => expect(longestRow(example)).toBe(tokens));
});
