import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Index } from "faiss-node";
import { afterAll, describe, expect, it } from "vitest";
import { FAISS_DEFAULTS, patchHeader } from "./header.ts";

const faiss = load();
const folder = mkdtempSync(join(tmpdir(), "propria-header-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "index");
const rows = Array.from({ length: 600 }, (_, i) =>
  Array.from({ length: 8 }, (_, j) => Math.sin(i * 8.3 + j * (i % 7))),
);

function written(factory: string): Index {
  const index = faiss!.Index.fromFactory(8, factory, faiss!.MetricType.METRIC_INNER_PRODUCT);
  if (!index.isTrained()) index.train(rows.flat());
  index.add(rows.flat());
  index.write(file);
  return index;
}

describe.skipIf(!faiss)("patchHeader", () => {
  it("changes probes and nothing else, and more probes find what more probes find", () => {
    const index = written("IVF16,Flat");
    const before = readFileSync(file);
    patchHeader(file, { dimensions: 8, rows: 600, ivf: { lists: 16, nprobe: 16 } });
    const after = readFileSync(file);
    expect([...before.keys()].filter((i) => before[i] !== after[i])).toEqual([45]);
    expect(index.search(rows[0]!, 300).labels).toContain(-1);
    expect(faiss!.Index.read(file).search(rows[0]!, 600).labels).not.toContain(-1);
  });

  it("changes the breadths of an HNSW", () => {
    written("HNSW16");
    patchHeader(file, {
      dimensions: 8,
      rows: 600,
      hnsw: { found: FAISS_DEFAULTS, wanted: { efConstruction: 77, efSearch: 99 } },
    });
    const found = { efConstruction: 77, efSearch: 99 };
    patchHeader(file, { dimensions: 8, rows: 600, hnsw: { found, wanted: found } }); // they read as written
    expect(faiss!.Index.read(file).search(rows[5]!, 10).labels).toHaveLength(10);
  });

  it("changes nothing when a number is not what it must be", () => {
    written("IVF16,Flat");
    const before = readFileSync(file);
    const patch = { dimensions: 8, rows: 600, ivf: { lists: 16, nprobe: 2 } };
    for (const wrong of [
      { ...patch, dimensions: 9 },
      { ...patch, rows: 599 },
      { ...patch, ivf: { lists: 17, nprobe: 2 } },
      { dimensions: 8, rows: 600, hnsw: { found: FAISS_DEFAULTS, wanted: FAISS_DEFAULTS } },
    ])
      expect(() => patchHeader(file, wrong)).toThrow(/is expected/);
    expect(readFileSync(file).equals(before)).toBe(true);
    writeFileSync(file, before.subarray(0, 20));
    expect(() => patchHeader(file, patch)).toThrow(/ends before/);
  });
});

/** Undefined where faiss-node is absent. */
function load(): typeof import("faiss-node") | undefined {
  try {
    return createRequire(import.meta.url)("faiss-node") as typeof import("faiss-node");
  } catch (error) {
    expect(String(error)).toMatch(/faiss|bindings/i);
    return undefined;
  }
}
