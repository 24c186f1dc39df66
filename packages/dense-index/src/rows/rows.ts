import { bytesOf } from "../storage/files.ts";

/** float32 vectors by row number. A row that was never written, or was cleared, is zeros. */
export interface VectorRows {
  readonly bytes: number;
  /** Copies a vector into a row. */
  set(row: number, vector: Float32Array): void;
  /** A vector, valid until the next call. */
  get(row: number): Float32Array;
  /** The bytes of the first rows, in order. */
  parts(count: number): Iterable<Uint8Array>;
  release(): void;
}

/** Bytes of a block: large enough that a product over it keeps all threads busy, small beside the caches' output. */
const BLOCK_BYTES = 24 << 20;
const LEAST_ROWS = 256;

/** Rows of a block: a power of two. */
export const blockRows = (dimensions: number): number =>
  Math.max(LEAST_ROWS, 2 ** Math.floor(Math.log2(BLOCK_BYTES / (4 * dimensions))));

/** Vectors in memory, in blocks; the last block grows by doubling, so shapes are few and memory is at most twice what is needed. */
export class MemoryRows implements VectorRows {
  readonly blocks: Float32Array[] = [];
  readonly rowsOfBlock: number;
  readonly dimensions: number;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.rowsOfBlock = blockRows(dimensions);
  }

  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }

  set(row: number, vector: Float32Array): void {
    const number = Math.floor(row / this.rowsOfBlock);
    while (this.blocks.length <= number) this.blocks.push(new Float32Array(0));
    const offset = (row % this.rowsOfBlock) * this.dimensions;
    let block = this.blocks[number]!;
    if (offset + this.dimensions > block.length) {
      block = grown(block, this.dimensions, row % this.rowsOfBlock, this.rowsOfBlock);
      this.blocks[number] = block;
    }
    block.set(vector, offset);
  }

  get(row: number): Float32Array {
    const offset = (row % this.rowsOfBlock) * this.dimensions;
    return this.blocks[Math.floor(row / this.rowsOfBlock)]!.subarray(offset, offset + this.dimensions);
  }

  *parts(count: number): Generator<Uint8Array> {
    for (const [number, block] of this.blocks.entries()) {
      const rows = Math.min(this.rowsOfBlock, count - number * this.rowsOfBlock);
      if (rows > 0) yield bytesOf(block.subarray(0, rows * this.dimensions));
    }
  }

  release(): void {
    this.blocks.length = 0;
  }
}

function grown(block: Float32Array, dimensions: number, row: number, most: number): Float32Array {
  let rows = Math.max(LEAST_ROWS, block.length / dimensions);
  while (rows <= row) rows *= 2;
  const larger = new Float32Array(Math.min(rows, most) * dimensions);
  larger.set(block);
  return larger;
}

/** The scalar product in double precision, the same for every kind of index. */
export function product(a: Float32Array, b: Float32Array): number {
  let s0 = 0; // four sums, so that no addition waits for the one before
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const length = a.length;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** The products of a query with some rows. */
export function products(query: Float32Array, rows: ArrayLike<number>, vectors: VectorRows): Float64Array {
  const scores = new Float64Array(rows.length);
  for (let i = 0; i < scores.length; i++) scores[i] = product(query, vectors.get(rows[i]!));
  return scores;
}
