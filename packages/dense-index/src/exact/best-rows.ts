/**
 * The best rows of one query, found in one pass over float32 scores: those with the `depth` best scores and all others within
 * `margin` of the last of them, so that rounding, which is other for a row in another block, decides nothing.
 */
export class BestRows {
  readonly #depth: number;
  readonly #margin: number;
  #rows: Int32Array;
  #scores: Float32Array;
  #count = 0;
  /** Scores below it are out. */
  #bar = Number.NEGATIVE_INFINITY;

  constructor(depth: number, margin: number) {
    this.#depth = depth;
    this.#margin = margin;
    const capacity = 4 * depth + 64;
    this.#rows = new Int32Array(capacity);
    this.#scores = new Float32Array(capacity);
  }

  /** Takes `scores[from … from + count)` of the rows from `first` on; rows for which `has` is false are passed over. */
  scan(scores: Float32Array, from: number, count: number, first: number, has: (row: number) => boolean): void {
    let bar = this.#bar;
    for (let i = 0; i < count; i++) {
      const score = scores[from + i]!;
      if (score < bar) continue;
      const row = first + i;
      if (!has(row)) continue;
      if (this.#count === this.#rows.length) {
        this.#prune();
        bar = this.#bar;
        if (score < bar) continue;
      }
      this.#rows[this.#count] = row;
      this.#scores[this.#count++] = score;
    }
  }

  /** The rows, in no order. */
  rows(): Int32Array {
    if (this.#count > this.#depth) this.#prune();
    return this.#rows.subarray(0, this.#count);
  }

  /** Raises the bar, throws out what is below it, and makes room where that was little. */
  #prune(): void {
    const sorted = this.#scores.slice(0, this.#count).sort();
    this.#bar = sorted[this.#count - this.#depth]! - this.#margin;
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (this.#scores[i]! < this.#bar) continue;
      this.#rows[kept] = this.#rows[i]!;
      this.#scores[kept++] = this.#scores[i]!;
    }
    this.#count = kept;
    if (2 * kept < this.#rows.length) return;
    this.#rows = grown(this.#rows, new Int32Array(2 * this.#rows.length));
    this.#scores = grown(this.#scores, new Float32Array(2 * this.#scores.length));
  }
}

function grown<A extends Int32Array | Float32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
