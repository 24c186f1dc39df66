import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { lengthBatches, sortedBatches, widthOf } from "./length-batches.ts";

describe("lengthBatches", () => {
  const random = seeded(3, "lengths");
  const limits = { batchTokens: 1024, maxTokens: 512 };
  const rows = Array.from({ length: 5000 }, (_, id) => ({ id, tokens: 3 + random.int(510) }));
  const batches = [...lengthBatches(rows, { ...limits, tokensOf: ({ tokens }) => tokens })];

  it("gives every row once", () => {
    const ids = batches.flatMap((batch) => batch.rows.map(({ id }) => id));
    expect(ids.toSorted((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
  });

  it("pads every row of a batch to a width that holds it, and fills no batch beyond its tokens", () => {
    for (const batch of batches) {
      expect(Math.max(...batch.rows.map(({ tokens }) => tokens))).toBeLessThanOrEqual(batch.width);
      expect(batch.rows.length).toBeGreaterThan(0);
      expect(batch.count).toBeGreaterThanOrEqual(batch.rows.length);
      expect(batch.count * batch.width).toBeLessThanOrEqual(1024);
    }
  });

  it("pads little", () => {
    const real = rows.reduce((sum, { tokens }) => sum + tokens, 0);
    const padded = batches.reduce((sum, batch) => sum + batch.rows.length * batch.width, 0);
    expect(padded / real).toBeLessThan(1.25);
  });

  it("reads on only as far as its window", () => {
    let read = 0;
    function* counted() {
      for (const row of rows) {
        read++;
        yield row;
      }
    }
    lengthBatches(counted(), { ...limits, tokensOf: ({ tokens }) => tokens }).next();
    expect(read).toBeLessThan(500);
  });

  it("pads no further than the longest that is allowed", () => {
    const [batch] = lengthBatches([20, 24], { ...limits, maxTokens: 24, tokensOf: (tokens) => tokens });
    expect(batch).toEqual({ rows: [24, 20], width: 24, count: 2 });
  });

  it("gives nothing for no rows", () => {
    expect([...lengthBatches([], { ...limits, tokensOf: () => 1 })]).toEqual([]);
  });
});

describe("sortedBatches", () => {
  it("sorts all rows there are, and pads to the widths that it is told", () => {
    const batches = sortedBatches([3, 9, 5], {
      ...{ batchTokens: 20, maxTokens: 16 },
      tokensOf: (tokens) => tokens,
      widthOf: (tokens) => tokens + 1,
    });
    expect([...batches]).toEqual([
      { rows: [9, 5], width: 10, count: 2 },
      { rows: [3], width: 4, count: 1 },
    ]);
  });
});

describe("widthOf", () => {
  it("is the next width of the list, or of multiples of its last", () => {
    expect([1, 16, 17, 65, 512, 513].map(widthOf)).toEqual([16, 16, 32, 96, 512, 1024]);
  });
});
