import { describe, expect, it } from "vitest";
import { compareDocumentIds, ranked } from "./index.ts";

const documents = (scores: Record<string, number>) =>
  Object.entries(scores).map(([documentId, score]) => ({ documentId, score }));
const ids = (list: { documentId: string }[]) => list.map(({ documentId }) => documentId).join(" ");

describe("ranked", () => {
  it("puts the score down, then the document id down", () => {
    expect(ids(ranked(documents({ a: 1, b: 2, c: 1, d10: 1, d9: 1 })))).toBe("b d9 d10 c a");
  });

  it("orders infinite scores", () => {
    const infinite = documents({
      a: Number.NEGATIVE_INFINITY,
      b: Number.POSITIVE_INFINITY,
      c: 0,
      d: Number.POSITIVE_INFINITY,
    });
    expect(ids(ranked(infinite))).toBe("d b c a");
  });

  it("keeps the given order, or only that of ties, on demand", () => {
    const list = documents({ a: 1, b: 2, c: 1, d: 2 });
    expect(ids(ranked(list, "given"))).toBe("a b c d");
    expect(ids(ranked(list, "stable-score"))).toBe("b d a c");
  });

  it("takes scores that differ after the seventh digit for ties in single precision", () => {
    const list = documents({ a: 12.345678901, b: 12.3456789 });
    expect(ids(ranked(list))).toBe("a b");
    expect(ids(ranked(list, "float32-score"))).toBe("b a");
  });

  it("gives a new array", () => {
    const list = documents({ a: 1, b: 2 });
    for (const order of ["score", "float32-score", "stable-score", "given"] as const) ranked(list, order).pop();
    expect(ids(list)).toBe("a b");
  });
});

describe("compareDocumentIds", () => {
  it("orders as the bytes of UTF-8 do, which UTF-16 does not", () => {
    const list = ["ｚ", "😀", "é", "Z", "a", "aa", "", "\u{10ffff}", "\uffff", "\ud7ff"];
    const byBytes = [...list].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect([...list].sort(compareDocumentIds)).toEqual(byBytes);
    expect([...list].sort()).not.toEqual(byBytes);
  });
});
