/** Every vector is scored: products of blocks on the tensor backend, of which the best are scored again in double precision. */
import type { Backend } from "@propria/engine";
import type { Candidates } from "../documents/ranking.ts";
import type { IndexCore, Rows } from "../index-core.ts";
import { MemoryRows, products } from "../rows/rows.ts";
import { type StoredFile, writeHashed } from "../storage/files.ts";
import { BestRows } from "./best-rows.ts";
import { blockScorer, queryGroups } from "./score-blocks.ts";

/** The vectors' file in an index folder: float32, little-endian, row after row. */
export const VECTOR_FILE = "vectors.f32";

/** The float32 kind: what it finds is exactly the best, whatever the backend and the number of queries in a batch. */
export class ExactCore implements IndexCore {
  readonly reusesRows = true;
  readonly options = {};
  readonly vectors: MemoryRows;
  readonly #scorer;
  #largestNorm = 0;

  constructor({ dimensions, backend }: { dimensions: number; backend: Backend }) {
    this.vectors = new MemoryRows(dimensions);
    this.#scorer = blockScorer(backend, dimensions);
  }

  get bytes(): number {
    return this.vectors.bytes;
  }

  async put(rows: readonly number[], vectors: Float32Array): Promise<void> {
    const { dimensions } = this.vectors;
    for (const [i, row] of rows.entries()) {
      const vector = vectors.subarray(i * dimensions, (i + 1) * dimensions);
      this.vectors.set(row, vector);
      this.#largestNorm = Math.max(this.#largestNorm, norm(vector));
    }
  }

  async drop(): Promise<void> {
    // The vectors stay until others come into their rows; the table of documents knows the holes.
  }

  async search(queries: Float32Array, depth: number, rows: Rows): Promise<Candidates[]> {
    const { dimensions, rowsOfBlock } = this.vectors;
    const found: Candidates[] = [];
    for (const [group, first] of queryGroups(queries, dimensions)) {
      const count = group.length / dimensions;
      const best = Array.from({ length: count }, (_, i) => {
        const query = queries.subarray((first + i) * dimensions, (first + i + 1) * dimensions);
        return new BestRows(Math.min(depth, rows.live), 2 * roundingError(dimensions, norm(query) * this.#largestNorm));
      });
      for (const [number, block] of this.vectors.blocks.entries()) {
        const start = number * rowsOfBlock;
        const filled = Math.min(rows.count - start, rowsOfBlock);
        if (filled <= 0) break;
        const scores = await this.#scorer.scores(group, block);
        const width = block.length / dimensions;
        for (let i = 0; i < count; i++) best[i]!.scan(scores, i * width, filled, start, rows.has);
      }
      for (let i = 0; i < count; i++) {
        const query = group.subarray(i * dimensions, (i + 1) * dimensions);
        const candidates = best[i]!.rows();
        found.push({
          rows: candidates,
          scores: products(query, candidates, this.vectors),
        });
      }
    }
    return found;
  }

  async save(folder: string, rows: Rows): Promise<Record<string, StoredFile>> {
    return { [VECTOR_FILE]: await writeHashed(`${folder}/${VECTOR_FILE}`, this.vectors.parts(rows.count)) };
  }

  async release(): Promise<void> {
    this.vectors.release();
    await this.#scorer.release();
  }
}

/**
 * What a product in float32 may be off, in any order of its additions: n·u/(1 − n·u) · |a|·|b|, with u = 2⁻²⁴; and what is lost
 * where the smallest numbers count as 0.
 */
const roundingError = (dimensions: number, norms: number): number =>
  ((dimensions * 2 ** -24) / (1 - dimensions * 2 ** -24)) * norms + dimensions * 2 ** -126;

function norm(vector: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  return Math.sqrt(squares);
}
