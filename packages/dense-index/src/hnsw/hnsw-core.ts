/**
 * A graph by usearch, which keeps vectors in short numbers; what it finds is scored again from the float32 vectors.
 *
 * @see Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World
 *      graphs", TPAMI 2020. https://arxiv.org/abs/1603.09320
 */
import { join } from "node:path";
import type { Candidates } from "../documents/ranking.ts";
import { VECTOR_FILE } from "../exact/exact-core.ts";
import type { IndexCore, Rows } from "../index-core.ts";
import type { NativeLibrary } from "../native/native-worker.ts";
import { MemoryRows, products } from "../rows/rows.ts";
import { hashed, type StoredFile, writeHashed } from "../storage/files.ts";
import type { GraphSettings } from "./usearch-calls.ts";

/** The graph's file in an index folder, usearch's own format. */
export const GRAPH_FILE = "graph.usearch";

/** Additions in one call to the thread, so that searches of other indexes get their turn. */
const ADDED_AT_A_TIME = 4096;
/** Queries in one call. */
const QUERIES_AT_A_TIME = 256;

/** Settings, defaults filled in. */
export interface HnswSettings extends GraphSettings {
  candidates: number;
  threads: number;
}

/** The `hnsw` kind. */
export class HnswCore implements IndexCore {
  readonly reusesRows = true;
  readonly vectors: MemoryRows;
  readonly #settings: HnswSettings;
  readonly #library: NativeLibrary<"usearch">;
  readonly #handle: number;

  private constructor(settings: HnswSettings, library: NativeLibrary<"usearch">, handle: number) {
    this.#settings = settings;
    this.#library = library;
    this.#handle = handle;
    this.vectors = new MemoryRows(settings.dimensions);
  }

  /** An empty graph, or the one of a file. */
  static async open(settings: HnswSettings, library: NativeLibrary<"usearch">, file?: string): Promise<HnswCore> {
    const { dimensions, precision, connectivity, efConstruction, efSearch } = settings;
    const graph = { dimensions, precision, connectivity, efConstruction, efSearch };
    const core = new HnswCore(settings, library, await library.calls.create(graph));
    if (file !== undefined) await library.calls.read(core.#handle, file);
    return core;
  }

  /** Of the vectors and, by the layers' sizes, of the graph. */
  get bytes(): number {
    const { dimensions, precision, connectivity } = this.#settings;
    const rows = this.vectors.bytes / (4 * dimensions);
    return this.vectors.bytes + rows * (dimensions * NUMBER_BYTES[precision] + 8 * connectivity + 16);
  }

  get options() {
    const { precision, connectivity, efConstruction, efSearch, candidates, threads } = this.#settings;
    return { precision, connectivity, efConstruction, efSearch, candidates, threads };
  }

  async put(rows: readonly number[], vectors: Float32Array): Promise<void> {
    const { dimensions, threads } = this.#settings;
    for (let start = 0; start < rows.length; start += ADDED_AT_A_TIME) {
      const some = rows.slice(start, start + ADDED_AT_A_TIME);
      const theirs = vectors.subarray(start * dimensions, (start + some.length) * dimensions);
      for (const [i, row] of some.entries())
        this.vectors.set(row, theirs.subarray(i * dimensions, (i + 1) * dimensions));
      await this.#library.calls.add(this.#handle, some, theirs.slice(), threads);
    }
  }

  async drop(rows: readonly number[]): Promise<void> {
    await this.#library.calls.remove(this.#handle, rows);
  }

  async search(queries: Float32Array, depth: number, rows: Rows): Promise<Candidates[]> {
    const { dimensions, candidates, threads } = this.#settings;
    const wanted = Math.min(depth * candidates, rows.live);
    const group = QUERIES_AT_A_TIME * dimensions;
    const ask = (start: number) =>
      this.#library.calls.search(this.#handle, queries.slice(start, start + group), wanted, threads);
    const found: Candidates[] = [];
    let next = ask(0);
    for (let start = 0; start < queries.length; start += group) {
      const { keys, counts } = await next;
      if (start + group < queries.length) next = ask(start + group); // the thread goes on while this one scores
      const low = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length); // rows are below 2³²
      for (const [i, count] of counts.entries()) {
        const query = queries.subarray(start + i * dimensions, start + (i + 1) * dimensions);
        const rows = new Uint32Array(count);
        for (let j = 0; j < count; j++) rows[j] = low[2 * (i * wanted + j)]!;
        found.push({ rows, scores: products(query, rows, this.vectors) });
      }
    }
    return found;
  }

  async save(folder: string, rows: Rows): Promise<Record<string, StoredFile>> {
    const vectors = await writeHashed(join(folder, VECTOR_FILE), this.vectors.parts(rows.count));
    await this.#library.calls.save(this.#handle, join(folder, GRAPH_FILE));
    return { [VECTOR_FILE]: vectors, [GRAPH_FILE]: await hashed(join(folder, GRAPH_FILE)) };
  }

  async release(): Promise<void> {
    this.vectors.release();
    await this.#library.calls.free(this.#handle);
  }
}

const NUMBER_BYTES = { f32: 4, bf16: 2, i8: 1 };
