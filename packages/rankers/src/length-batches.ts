/** Batches of rows of similar length: what a forward pass of few static shapes wants. */

/** A batch's static shape. */
export interface BatchShape {
  /** Tokens that each row is padded to. */
  width: number;
  /** Rows, those that are not there included. */
  count: number;
}

/** Rows of one batch, and the shape to pad them to. */
export interface LengthBatch<Row> extends BatchShape {
  rows: Row[];
}

/** The widths that rows are padded to, in tokens: close enough that little is padding, few enough to compile each. */
const WIDTHS = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/** The smallest width that holds `tokens`; beyond the list, multiples of its last. */
export const widthOf = (tokens: number): number => {
  const last = WIDTHS.at(-1)!;
  return WIDTHS.find((width) => width >= tokens) ?? Math.ceil(tokens / last) * last;
};

/** Rows in a full batch of a width: about `batchTokens` tokens, at least one row. */
const rowsOf = (width: number, batchTokens: number): number => Math.max(1, Math.floor(batchTokens / width));

/** Rows to compute for `count` rows: a power of two up to the full batch, so that few shapes are compiled. */
const staticRows = (count: number, full: number): number => Math.min(full, 2 ** Math.ceil(Math.log2(count)));

/** Batches that a window of rows fills: more, and less padding and fewer changes of shape; the window is held in memory. */
const WINDOW_BATCHES = 32;

/** Tokens of a forward pass of an encoder, padding included, unless an option says otherwise. */
export const BATCH_TOKENS = 1024; // a third more pairs a second than 4096, whose activations leave the cache

/** What batches are like. */
export interface LengthBatchOptions<Row> {
  /** A row's length, in tokens. */
  tokensOf(row: Row): number;
  /** Tokens of a batch, padding included. */
  batchTokens: number;
  /** No row is longer, and none is padded beyond it. In tokens. */
  maxTokens: number;
  /** The width for a row's length, in tokens; default {@link widthOf}. */
  widthOf?(tokens: number): number;
}

/**
 * Cuts a stream of rows into batches. A window of rows is read, sorted by length, and cut from the longest down, so each row
 * comes out once, and the batches are a function of the rows' order and lengths alone.
 */
export function* lengthBatches<Row>(
  rows: Iterable<Row>,
  options: LengthBatchOptions<Row>,
): Generator<LengthBatch<Row>> {
  let window: Row[] = [];
  let tokens = 0;
  for (const row of rows) {
    window.push(row);
    tokens += paddedTokens(row, options);
    if (tokens < WINDOW_BATCHES * options.batchTokens) continue;
    yield* sortedBatches(window, options);
    [window, tokens] = [[], 0];
  }
  yield* sortedBatches(window, options);
}

/** Cuts rows that are all there into batches, from the longest down; rows of equal lengths keep their order. */
export function* sortedBatches<Row>(
  rows: readonly Row[],
  options: LengthBatchOptions<Row>,
): Generator<LengthBatch<Row>> {
  const sorted = rows.toSorted((a, b) => options.tokensOf(b) - options.tokensOf(a));
  for (let start = 0; start < sorted.length; ) {
    const width = paddedTokens(sorted[start]!, options);
    const full = rowsOf(width, options.batchTokens);
    const rows = sorted.slice(start, start + full);
    yield { rows, width, count: staticRows(rows.length, full) };
    start += rows.length;
  }
}

const paddedTokens = <Row>(row: Row, { tokensOf, maxTokens, widthOf: width = widthOf }: LengthBatchOptions<Row>) =>
  Math.min(width(tokensOf(row)), maxTokens);
