import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { lengthBatches, rowsOf, widthOf } from "./length-batches.ts";

describe("lengthBatches", () => {
  const random = seeded(3, "lengths");
  const rows = Array.from({ length: 5000 }, (_, id) => ({ id, tokens: 3 + random.int(510) }));
  const batches = [...lengthBatches(rows, ({ tokens }) => tokens, { batchTokens: 1024, maxTokens: 512 })];

  it("gives every row once", () => {
    const ids = batches.flatMap((batch) => batch.rows.map(({ id }) => id));
    expect(ids.toSorted((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
  });

  it("pads every row of a batch to a width that holds it, and fills no batch beyond its tokens", () => {
    for (const batch of batches) {
      expect(Math.max(...batch.rows.map(({ tokens }) => tokens))).toBeLessThanOrEqual(batch.width);
      expect(batch.rows.length).toBeLessThanOrEqual(rowsOf(batch.width, 1024));
      expect(batch.rows.length).toBeGreaterThan(0);
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
    lengthBatches(counted(), ({ tokens }) => tokens, { batchTokens: 1024, maxTokens: 512 }).next();
    expect(read).toBeLessThan(500);
  });

  it("pads no further than the longest that is allowed", () => {
    const [batch] = lengthBatches([20, 24], (tokens) => tokens, { batchTokens: 1024, maxTokens: 24 });
    expect(batch).toEqual({ rows: [24, 20], width: 24 });
  });

  it("gives nothing for no rows", () => {
    expect([...lengthBatches([], () => 1, { batchTokens: 1024, maxTokens: 512 })]).toEqual([]);
  });
});

describe("widthOf", () => {
  it("is the next width of the list, or of multiples of its last", () => {
    expect([1, 16, 17, 65, 512, 513].map(widthOf)).toEqual([16, 16, 32, 96, 512, 1024]);
  });
});
