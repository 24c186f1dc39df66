import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openVectors, type VectorBatch, writeVectors } from "../index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "propria-vectors-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const space = { pooling: "cls" };
const batches: VectorBatch[] = [
  { ids: ["a", "\ud800\0"], vectors: Float32Array.of(1, 2, 3, -4, 0.5, 6) },
  { ids: [], vectors: new Float32Array(0) },
  { ids: ["c"], vectors: Float32Array.of(0, 0, 0) },
];

async function* later(all: readonly VectorBatch[]): AsyncGenerator<VectorBatch> {
  yield* all;
}

async function collected(path: string, rows?: number): Promise<VectorBatch[]> {
  const stored = await openVectors(path);
  const found: VectorBatch[] = [];
  for await (const batch of stored.batches(rows)) found.push(batch);
  await stored.close();
  return found;
}

describe("writeVectors", () => {
  it("keeps ids, vectors, order and space", async () => {
    const path = join(folder, "plain");
    expect(await writeVectors(path, { dimensions: 3, space }, later(batches))).toEqual({ count: 3 });
    const stored = await openVectors(path, { space });
    expect(stored).toMatchObject({ ids: ["a", "\ud800\0", "c"], size: 3, dimensions: 3, space, quantize: undefined });
    await stored.close();
    expect(await collected(path)).toEqual([
      { ids: ["a", "\ud800\0", "c"], vectors: Float32Array.of(1, 2, 3, -4, 0.5, 6, 0, 0, 0) },
    ]);
    expect((await collected(path, 2)).map(({ ids }) => ids)).toEqual([["a", "\ud800\0"], ["c"]]);
  });

  it("writes a byte a number with int8, off by at most 1/254 of a vector's largest", async () => {
    const path = join(folder, "int8");
    await writeVectors(path, { dimensions: 3, quantize: "int8" }, batches);
    const [batch] = await collected(path);
    const wanted = [1, 2, 3, -4, 0.5, 6, 0, 0, 0];
    for (const [i, value] of batch!.vectors.entries())
      expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual([3, 6, 0][Math.floor(i / 3)]! / 253);
    expect(readFileSync(join(path, "vectors.i8"))).toHaveLength(9);
  });

  it("takes no vector at all", async () => {
    const path = join(folder, "none");
    expect(await writeVectors(path, { dimensions: 3 }, [])).toEqual({ count: 0 });
    expect(await collected(path)).toEqual([]);
  });

  it("leaves nothing when the stream breaks, or holds what is no vector", async () => {
    const path = join(folder, "broken");
    async function* breaking() {
      yield batches[0]!;
      throw new Error("the encoder broke");
    }
    await expect(writeVectors(path, { dimensions: 3 }, breaking())).rejects.toThrow("the encoder broke");
    const nan = [{ ids: ["x"], vectors: Float32Array.of(1, Number.NaN, 2) }];
    await expect(writeVectors(path, { dimensions: 3 }, nan)).rejects.toMatchObject({ code: "NOT_FINITE" });
    await expect(writeVectors(path, { dimensions: 2 }, batches)).rejects.toMatchObject({ code: "DIMENSIONS" });
    const spaced = [{ ids: ["x y"], vectors: Float32Array.of(1, 0, 2) }];
    await expect(writeVectors(path, { dimensions: 3 }, spaced)).rejects.toMatchObject({ code: "ID_SPACE" });
    expect(readdirSync(folder).filter((name) => name.startsWith("broken"))).toEqual([]);
  });

  it("refuses a folder with something in it", async () => {
    const path = join(folder, "taken");
    await writeVectors(path, { dimensions: 3 }, batches);
    await expect(writeVectors(path, { dimensions: 3 }, batches)).rejects.toMatchObject({ code: "OUT_EXISTS" });
  });
});

describe("openVectors", () => {
  it("tells what is missing, damaged, something else, or of another space", async () => {
    const path = join(folder, "damaged");
    await writeVectors(path, { dimensions: 3, space, quantize: "int8" }, batches);
    for (const name of readdirSync(path)) {
      const whole = readFileSync(join(path, name));
      truncateSync(join(path, name), whole.length - 1);
      const error: unknown = await openVectors(path).catch((reason: unknown) => reason);
      // A manifest without its last line end is still whole.
      if (name === "manifest.json") await (error as { close(): Promise<void> }).close();
      else expect(error).toMatchObject({ code: "DAMAGED", at: join(path, name) });
      writeFileSync(join(path, name), whole);
    }
    await expect(openVectors(join(folder, "absent"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    writeFileSync(join(folder, "manifest.json"), '{"format":"propria-index","version":1}');
    await expect(openVectors(folder)).rejects.toMatchObject({ code: "NOT_AN_INDEX" });
    await expect(openVectors(path, { space: { pooling: "mean" } })).rejects.toMatchObject({ code: "SPACE_MISMATCH" });
  });
});
