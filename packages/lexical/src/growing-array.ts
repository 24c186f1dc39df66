const CHUNK_BITS = 16;
const CHUNK = 2 ** CHUNK_BITS;

/** Unsigned 32-bit integers, as many as come, in chunks, so that growing copies nothing. Invariant: `length` were pushed. */
export class GrowingArray {
  readonly #chunks: Uint32Array[] = [];
  length = 0;

  push(value: number): void {
    const offset = this.length % CHUNK;
    if (offset === 0) this.#chunks.push(new Uint32Array(CHUNK));
    this.#chunks[this.#chunks.length - 1]![offset] = value;
    this.length++;
  }

  at(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]![index % CHUNK]!;
  }

  add(index: number, amount: number): void {
    this.#chunks[index >>> CHUNK_BITS]![index % CHUNK]! += amount;
  }

  /** A copy of what was pushed, in one piece. */
  compact(): Uint32Array {
    const whole = new Uint32Array(this.length);
    for (const [i, chunk] of this.#chunks.entries()) {
      whole.set(chunk.subarray(0, Math.min(CHUNK, this.length - i * CHUNK)), i * CHUNK);
    }
    return whole;
  }
}
