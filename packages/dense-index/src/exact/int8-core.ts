/** A byte for each number in memory, the float32 vectors on the disk: the best by the bytes are scored again exactly. */
import type { Backend } from "@propria/engine";
import type { Candidates } from "../documents/ranking.ts";
import type { IndexCore, Rows } from "../index-core.ts";
import { FileRows } from "../rows/file-rows.ts";
import { decodeInt8, encodeInt8 } from "../rows/int8.ts";
import { blockRows, products } from "../rows/rows.ts";
import { type StoredFile, writeHashed } from "../storage/files.ts";
import { BestRows } from "./best-rows.ts";
import { VECTOR_FILE } from "./exact-core.ts";
import { blockScorer, queryGroups } from "./score-blocks.ts";

/** Rows of a block and their scales. */
interface Block {
  codes: Int8Array;
  scales: Float32Array;
}

/** The int8 kind: a quarter of the memory, and the disk for `depth · candidates` vectors of each query. */
export class Int8Core implements IndexCore {
  readonly reusesRows = true;
  readonly vectors: FileRows;
  readonly #blocks: Block[] = [];
  readonly #rowsOfBlock: number;
  readonly #candidates: number;
  readonly #scorer;
  #decoded = new Float32Array(0);

  constructor({ dimensions, backend, candidates }: { dimensions: number; backend: Backend; candidates: number }) {
    this.vectors = new FileRows(dimensions);
    this.#rowsOfBlock = blockRows(dimensions);
    this.#candidates = candidates;
    this.#scorer = blockScorer(backend, dimensions);
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, { codes, scales }) => sum + codes.byteLength + scales.byteLength, 0);
  }

  get options() {
    return { quantize: "int8", candidates: this.#candidates };
  }

  async put(rows: readonly number[], vectors: Float32Array): Promise<void> {
    const { dimensions } = this.vectors;
    for (const [i, row] of rows.entries()) {
      const vector = vectors.subarray(i * dimensions, (i + 1) * dimensions);
      this.vectors.set(row, vector);
      this.encode(row, vector);
    }
  }

  /** Puts a vector that is on the disk into memory. */
  encode(row: number, vector: Float32Array): void {
    const number = Math.floor(row / this.#rowsOfBlock);
    const place = row % this.#rowsOfBlock;
    this.#blocks[number] = this.#roomFor(this.#blocks[number], place);
    const { codes, scales } = this.#blocks[number]!;
    const { dimensions } = this.vectors;
    scales[place] = encodeInt8(vector, codes.subarray(place * dimensions, (place + 1) * dimensions));
  }

  async drop(): Promise<void> {
    // The vectors stay until others come into their rows; the table of documents knows the holes.
  }

  async search(queries: Float32Array, depth: number, rows: Rows): Promise<Candidates[]> {
    const { dimensions } = this.vectors;
    const kept = Math.min(depth * this.#candidates, rows.live);
    const found: Candidates[] = [];
    for (const [group] of queryGroups(queries, dimensions)) {
      const count = group.length / dimensions;
      const best = Array.from({ length: count }, () => new BestRows(kept, 0));
      for (const [number, block] of this.#blocks.entries()) {
        const start = number * this.#rowsOfBlock;
        const filled = Math.min(rows.count - start, this.#rowsOfBlock);
        if (filled <= 0) break;
        const width = block.scales.length;
        if (this.#decoded.length !== block.codes.length) this.#decoded = new Float32Array(block.codes.length);
        decodeInt8(block.codes, block.scales, this.#decoded);
        const scores = await this.#scorer.scores(group, this.#decoded);
        for (let i = 0; i < count; i++) best[i]!.scan(scores, i * width, filled, start, rows.has);
      }
      for (let i = 0; i < count; i++) {
        const query = group.subarray(i * dimensions, (i + 1) * dimensions);
        const candidates = best[i]!.rows().sort(); // in the order of the file
        found.push({
          rows: candidates,
          scores: products(query, candidates, this.vectors),
        });
        await new Promise(setImmediate); // reading goes on for a while
      }
    }
    return found;
  }

  async save(folder: string, rows: Rows): Promise<Record<string, StoredFile>> {
    return { [VECTOR_FILE]: await writeHashed(`${folder}/${VECTOR_FILE}`, this.vectors.parts(rows.count)) };
  }

  async release(): Promise<void> {
    this.vectors.release();
    this.#blocks.length = 0;
    await this.#scorer.release();
  }

  /** The last block grows by doubling. */
  #roomFor(block: Block | undefined, place: number): Block {
    if (block && place < block.scales.length) return block;
    let rows = Math.max(256, block?.scales.length ?? 0);
    while (rows <= place) rows *= 2;
    rows = Math.min(rows, this.#rowsOfBlock);
    const larger = { codes: new Int8Array(rows * this.vectors.dimensions), scales: new Float32Array(rows) };
    if (block) {
      larger.codes.set(block.codes);
      larger.scales.set(block.scales);
    }
    return larger;
  }
}
