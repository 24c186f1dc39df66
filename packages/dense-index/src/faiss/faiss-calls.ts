/** faiss-node's side of its thread: indexes by handle. Files, never its buffers, which leak. */
/// <reference path="./faiss-node.d.ts" />
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Index } from "faiss-node";
import { type HeaderPatch, patchHeader } from "./header.ts";

/** Rows that cross into faiss as plain arrays at a time. */
const ROWS_AT_A_TIME = 8192;

/** `depth` labels for each query, −1 where nothing more was found. */
export interface FaissFound {
  labels: Int32Array;
  scores: Float32Array;
}

/** The functions, which {@link faissCalls} makes. */
export type FaissCalls = ReturnType<typeof faissCalls>;

type FaissNode = typeof import("faiss-node");

/** Loads faiss-node at the first call. @param threads Of OpenMP, for as long as the process lives. */
export function faissCalls(threads: number) {
  const indexes = new Map<number, Index>();
  let handles = 0;
  const keep = (index: Index): number => {
    indexes.set(handles, index);
    return handles++;
  };
  const index = (handle: number): Index => indexes.get(handle)!;
  let loaded: FaissNode | undefined;
  const faiss = async (): Promise<FaissNode> => {
    loaded ??= await loadFaiss(threads);
    return loaded;
  };
  return {
    /** Whether it loads; the reason where it does not. */
    async load(): Promise<string | undefined> {
      try {
        await faiss();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
      }
    },
    async create(dimensions: number, factory: string): Promise<number> {
      const { Index, MetricType } = await faiss();
      return keep(Index.fromFactory(dimensions, factory, MetricType.METRIC_INNER_PRODUCT));
    },
    async read(path: string): Promise<{ handle: number; rows: number; dimensions: number }> {
      const read = (await faiss()).Index.read(path);
      return { handle: keep(read), rows: read.ntotal(), dimensions: read.getDimension() };
    },
    write: (handle: number, path: string): void => index(handle).write(path),
    /** Writes the index to a temporary file, changes its header, and reads it back; the handle stays. */
    async patch(handle: number, patch: HeaderPatch, source?: string): Promise<void> {
      const { Index } = await faiss();
      const folder = mkdtempSync(join(tmpdir(), "propria-faiss-"));
      try {
        const file = join(folder, "index");
        if (source) copyFileSync(source, file);
        else index(handle).write(file);
        patchHeader(file, patch);
        indexes.set(handle, Index.read(file));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    train: (handle: number, vectors: Float32Array): void => index(handle).train(Array.from(vectors)),
    add(handle: number, vectors: Float32Array): void {
      const size = ROWS_AT_A_TIME * index(handle).getDimension();
      for (let start = 0; start < vectors.length; start += size)
        index(handle).add(Array.from(vectors.subarray(start, start + size)));
    },
    search(handle: number, queries: Float32Array, depth: number): FaissFound {
      const { labels, distances } = index(handle).search(Array.from(queries), depth);
      return { labels: Int32Array.from(labels), scores: Float32Array.from(distances) };
    },
    free(handle: number): void {
      indexes.delete(handle);
    },
  };
}

/**
 * OpenMP reads these when it is loaded; a thread that waits must not take the core from whoever else runs here. Where another library of
 * the process has loaded OpenMP before, the environment of that moment decides, and several threads build HNSW in another order each time.
 */
async function loadFaiss(threads: number): Promise<FaissNode> {
  const wanted = {
    OMP_WAIT_POLICY: "passive",
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
  };
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, wanted);
  try {
    const loaded = (await import("faiss-node")) as FaissNode & { default?: FaissNode };
    return loaded.default ?? loaded;
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
