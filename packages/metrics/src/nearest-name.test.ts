import { describe, expect, it } from "vitest";
import { nearestName } from "./index.ts";

describe("nearestName", () => {
  it.each([
    ["tset", "test"],
    ["TEST", "test"],
    ["trian", "train"],
    ["validation", undefined],
    ["x", undefined],
  ])("gives for %s: %s", (name, nearest) => {
    expect(nearestName(name, ["train", "dev", "test"])).toBe(nearest);
  });
});
