/** Rows of similar length in batches of few shapes. */

/** Some rows, and the static shape that they are padded to. */
export interface RowBatch {
  /** Of each row its place among those given. */
  places: number[];
  /** Tokens. */
  width: number;
  /** Rows of the shape: a power of two, or as many as fill a batch. */
  count: number;
}

const STEP = 16; // tokens; finer pads less and compiles more

/** Cuts rows into batches of about `batchTokens` tokens, padding included, from the longest row down: a function of the lengths alone. */
export function* rowBatches(
  rows: readonly { ids: readonly number[] }[],
  { batchTokens, maxTokens }: { batchTokens: number; maxTokens: number },
): Generator<RowBatch> {
  const lengthOf = (place: number) => rows[place]!.ids.length;
  const longestFirst = Array.from(rows, (_, place) => place).sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
  for (let start = 0; start < rows.length; ) {
    const width = Math.min(Math.ceil(lengthOf(longestFirst[start]!) / STEP) * STEP, Math.max(maxTokens, 1));
    const full = Math.max(1, Math.floor(batchTokens / width));
    const places = longestFirst.slice(start, start + full);
    yield { places, width, count: Math.min(full, 2 ** Math.ceil(Math.log2(places.length))) };
    start += places.length;
  }
}
