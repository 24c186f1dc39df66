import { describe, expect, it } from "vitest";
import { firstDifference } from "./identity.ts";
import type { Json } from "./options.ts";

describe("firstDifference", () => {
  it.each<[Json, Json, string | undefined]>([
    [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, undefined],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, undefined],
    [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 3 }] } }, "a.b.1.c"],
    [{ a: 1 }, { a: "1" }, "a"],
    [{ a: 1 }, { a: 1, b: null }, "b"],
    [{ a: 1, b: 2 }, { a: 1 }, "b"],
    [{ a: [] }, { a: {} }, "a"],
    [{ a: null }, { a: {} }, "a"],
    [1, 2, ""],
  ])("of %j and %j is %s", (before, now, path) => expect(firstDifference(before, now)?.path).toBe(path));
});
