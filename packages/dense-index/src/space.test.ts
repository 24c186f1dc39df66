import { describe, expect, it } from "vitest";
import { requireSameSpace, spaceHash } from "./index.ts";

const space = { pooling: "mean", maxTokens: 256, special: { cls: 101, sep: 102 }, layers: [1, 2] };

describe("spaceHash", () => {
  it("does not heed the order of fields, at any depth", () => {
    const other = { layers: [1, 2], special: { sep: 102, cls: 101 }, maxTokens: 256, pooling: "mean" };
    expect(spaceHash(other)).toBe(spaceHash(space));
    expect(spaceHash({ ...space, layers: [2, 1] })).not.toBe(spaceHash(space));
  });
});

describe("requireSameSpace", () => {
  it("lets the same space pass", () => {
    requireSameSpace(space, { ...space }, { at: "index" });
  });

  it.each([
    [{ ...space, pooling: "cls" }, 'index: these are vectors of another space: pooling is "cls", expected "mean"'],
    [{ ...space, maxTokens: 128 }, "maxTokens is 128, expected 256"],
    [{ ...space, special: { cls: 1, sep: 102 } }, 'special is {"cls":1,"sep":102}, expected {"cls":101,"sep":102}'],
    [{ pooling: "mean" }, "maxTokens is absent, expected 256"],
    [{ ...space, weights: "ab" }, 'weights is "ab", expected absent'],
    [undefined, "do not say which model made them"],
  ])("names the first field that differs and both values: %j", (found, message) => {
    expect(() => requireSameSpace(space, found, { at: "index" })).toThrow(message);
  });
});
