/**
 * The numbers of an index file that faiss-node has no functions for: lists and probes of an IVF, the breadths of an HNSW's searches.
 * Read and written in place, after every number around them was found to be what it must be.
 * The layout is that of `faiss/impl/index_write.cpp`, versions 1.7.3 and 1.7.4, little-endian.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** What must stand in the file, and what to put there. */
export interface HeaderPatch {
  dimensions: number;
  rows: number;
  /** Of IVF: its lists, and lists to visit from now on. */
  ivf?: { lists: number; nprobe: number };
  /** Of HNSW: the breadths in the file, and those from now on. */
  hnsw?: { found: Breadths; wanted: Breadths };
}

/** Nodes at hand while one is added, and in a search. */
export interface Breadths {
  efConstruction: number;
  efSearch: number;
}

/** What faiss gives a new HNSW, and a new IVF's number of probes. */
export const FAISS_DEFAULTS = { efConstruction: 40, efSearch: 16 } as const;

/**
 * @throws {Error} When a number is not what it must be: this faiss writes another layout, and nothing was changed.
 */
export function patchHeader(path: string, { dimensions, rows, ivf, hnsw }: HeaderPatch): void {
  const file = openSync(path, "r+");
  try {
    const bytes = (at: number, count: number): Buffer => {
      const buffer = Buffer.alloc(count);
      if (readSync(file, buffer, 0, count, at) !== count)
        throw new Error(`the faiss file ends before byte ${at + count}`);
      return buffer;
    };
    const int32 = (at: number): number => bytes(at, 4).readInt32LE();
    const int64 = (at: number): number => Number(bytes(at, 8).readBigInt64LE());
    const expect = (what: string, found: number | string, expected: number | string): void => {
      if (found !== expected) throw new Error(`the faiss file has ${what} ${found} where ${expected} is expected`);
    };
    expect("dimensions", int32(4), dimensions);
    expect("rows", int64(8), rows);
    expect("metric", int32(33), INNER_PRODUCT);
    if (ivf) {
      expect("type", bytes(0, 2).toString("latin1"), "Iw");
      expect("lists", int64(HEADER), ivf.lists);
      const probes = int64(HEADER + 8);
      if (probes < 1 || probes > ivf.lists)
        throw new Error(`the faiss file has ${probes} probes of ${ivf.lists} lists`);
      const wanted = Buffer.alloc(8);
      wanted.writeBigInt64LE(BigInt(ivf.nprobe));
      writeSync(file, wanted, 0, 8, HEADER + 8);
    }
    if (hnsw) {
      expect("type", bytes(0, 3).toString("latin1"), "IHN");
      let at = HEADER;
      for (const size of VECTOR_ELEMENTS) at += 8 + int64(at) * size;
      expect("efConstruction", int32(at + 8), hnsw.found.efConstruction); // after the entry point and the top level
      expect("efSearch", int32(at + 12), hnsw.found.efSearch);
      const wanted = Buffer.alloc(8);
      wanted.writeInt32LE(hnsw.wanted.efConstruction, 0);
      wanted.writeInt32LE(hnsw.wanted.efSearch, 4);
      writeSync(file, wanted, 0, 8, at + 8);
    }
  } finally {
    closeSync(file);
  }
}

/** Bytes before an index type's own: four letters, dimensions, rows, two numbers of no use, trained or not, the metric. */
const HEADER = 37;
const INNER_PRODUCT = 0;
/** Bytes of an element of an HNSW's vectors: level probabilities, neighbours by level, levels, offsets, neighbours. */
const VECTOR_ELEMENTS = [8, 4, 4, 8, 4];
