import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { surroundingsError } from "@propria/base";
import { bytesOf } from "../storage/files.ts";
import type { VectorRows } from "./rows.ts";

/** Rows read at a time when all are asked for. */
const ROWS_AT_A_TIME = 1024;

/**
 * Vectors on the disk, one read for each. What is set goes to a temporary file, which has no name any more and so goes with the
 * process, however it ends; an index's own file is only read.
 */
export class FileRows implements VectorRows {
  readonly bytes = 0;
  readonly dimensions: number;
  readonly #rowBytes: number;
  readonly #row: Float32Array;
  #written: number | undefined;
  /** Rows of the index's own file that were set since. */
  readonly #replaced = new Set<number>();
  #base: { file: number; rows: number } | undefined;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#rowBytes = 4 * dimensions;
    this.#row = new Float32Array(dimensions);
  }

  /** Reads rows that were not set from a file, if it is there. */
  over(path: string, rows: number): void {
    if (existsSync(path)) this.#base = { file: openSync(path, "r"), rows };
  }

  set(row: number, vector: Float32Array): void {
    this.#written ??= nameless();
    if (this.#base && row < this.#base.rows) this.#replaced.add(row);
    try {
      writeSync(this.#written, vector, 0, this.#rowBytes, row * this.#rowBytes);
    } catch (error) {
      throw surroundingsError(error, tmpdir());
    }
  }

  get(row: number): Float32Array {
    this.#read(row, this.#row);
    return this.#row;
  }

  *parts(count: number): Generator<Uint8Array> {
    for (let row = 0; row < count; row += ROWS_AT_A_TIME) {
      const rows = new Float32Array(Math.min(ROWS_AT_A_TIME, count - row) * this.dimensions);
      for (let i = 0; i * this.dimensions < rows.length; i++)
        this.#read(row + i, rows.subarray(i * this.dimensions, (i + 1) * this.dimensions));
      yield bytesOf(rows);
    }
  }

  release(): void {
    if (this.#written !== undefined) closeSync(this.#written);
    if (this.#base) closeSync(this.#base.file);
    this.#written = undefined;
    this.#base = undefined;
  }

  #read(row: number, into: Float32Array): void {
    const file = this.#base && row < this.#base.rows && !this.#replaced.has(row) ? this.#base.file : this.#written;
    const read = file === undefined ? 0 : readSync(file, into, 0, this.#rowBytes, row * this.#rowBytes);
    if (read !== this.#rowBytes) throw new Error(`row ${row} of the vectors was never written`);
  }
}

function nameless(): number {
  const folder = mkdtempSync(join(tmpdir(), "propria-vectors-"));
  const file = openSync(join(folder, "rows"), "w+");
  rmSync(folder, { recursive: true });
  return file;
}
