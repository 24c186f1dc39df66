import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { BestRows } from "./best-rows.ts";

const always = () => true;
const sorted = (rows: Int32Array): number[] => [...rows].sort((a, b) => a - b);

describe("BestRows", () => {
  it.each([1, 3, 100, 999, 1000, 5000])("keeps the %i best of 1000 and what ties with the last", (depth) => {
    const random = seeded(3, "best-rows", depth);
    const scores = Float32Array.from({ length: 1000 }, () => random.int(400)); // many ties
    const best = new BestRows(depth, 0);
    for (let start = 0; start < 1000; start += 130)
      best.scan(scores, start, Math.min(130, 1000 - start), start, always);
    const bar = [...scores].sort((a, b) => b - a)[Math.min(depth, 1000) - 1]!;
    const wanted = [...scores.keys()].filter((row) => scores[row]! >= bar);
    expect(sorted(best.rows())).toEqual(depth >= 1000 ? [...scores.keys()] : wanted);
  });

  it("keeps those within the margin of the last", () => {
    const best = new BestRows(2, 0.5);
    best.scan(Float32Array.of(1, 5, 3, 2.6, 2.4, 4), 0, 6, 10, always);
    for (let i = 0; i < 100; i++) best.scan(Float32Array.of(0, 0, 0), 0, 3, 20 + 3 * i, always);
    expect(sorted(best.rows())).toEqual([11, 15]);
    best.scan(Float32Array.of(3.5, 3.4), 0, 2, 900, always);
    expect(sorted(best.rows())).toEqual([11, 15, 900]);
  });

  it("passes over rows without a document", () => {
    const best = new BestRows(2, 0);
    best.scan(Float32Array.of(9, 8, 7, 6), 0, 4, 0, (row) => row % 2 === 1);
    expect(sorted(best.rows())).toEqual([1, 3]);
  });
});
