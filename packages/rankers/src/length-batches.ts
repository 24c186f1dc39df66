/** Batches of rows of similar length: what a forward pass of few static shapes wants. */

/** Rows of one batch, and the width to pad them to. */
export interface LengthBatch<Row> {
  rows: Row[];
  /** Tokens. */
  width: number;
}

/** The widths that rows are padded to, in tokens: close enough that little is padding, few enough to compile each. */
const WIDTHS = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/** The smallest width that holds `tokens`; beyond the list, multiples of its last. */
export const widthOf = (tokens: number): number => {
  const last = WIDTHS.at(-1)!;
  return WIDTHS.find((width) => width >= tokens) ?? Math.ceil(tokens / last) * last;
};

/** Rows in a full batch of a width: about `batchTokens` tokens, at least one row. */
export const rowsOf = (width: number, batchTokens: number): number => Math.max(1, Math.floor(batchTokens / width));

/** Rows to compute for `count` rows: a power of two up to the full batch, so that few shapes are compiled. */
export const staticRows = (count: number, full: number): number => Math.min(full, 2 ** Math.ceil(Math.log2(count)));

/** Batches that a window of rows fills: more, and less padding and fewer changes of shape; the window is held in memory. */
const WINDOW_BATCHES = 32;

/** What batches are like. */
export interface LengthBatchOptions {
  /** Tokens of a batch, padding included. */
  batchTokens: number;
  /** No row is longer, and none is padded beyond it. In tokens. */
  maxTokens: number;
}

/**
 * Cuts a stream of rows into batches. A window of rows is read, sorted by length, and cut from the longest down, so each row
 * comes out once, and the batches are a function of the rows' order and lengths alone.
 *
 * @param tokensOf A row's length, in tokens.
 */
export function* lengthBatches<Row>(
  rows: Iterable<Row>,
  tokensOf: (row: Row) => number,
  { batchTokens, maxTokens }: LengthBatchOptions,
): Generator<LengthBatch<Row>> {
  const width = (row: Row) => Math.min(widthOf(tokensOf(row)), maxTokens);
  let window: Row[] = [];
  let tokens = 0;
  for (const row of rows) {
    window.push(row);
    tokens += width(row);
    if (tokens < WINDOW_BATCHES * batchTokens) continue;
    yield* cut();
    tokens = 0;
  }
  yield* cut();

  function* cut(): Generator<LengthBatch<Row>> {
    const sorted = window.sort((a, b) => tokensOf(b) - tokensOf(a)); // stable: equal lengths keep their order
    window = [];
    for (let start = 0; start < sorted.length; ) {
      const widest = width(sorted[start]!);
      const rows = sorted.slice(start, start + rowsOf(widest, batchTokens));
      yield { rows, width: widest };
      start += rows.length;
    }
  }
}
