import type { Random } from "@propria/base";
import type { Batch, NdArray } from "@propria/engine";

/** Rows of token ids of one width; int32 `[rows, T]` all. */
export type PaddedTokens = {
  readonly inputIds: NdArray<[number, number]>;
  /** 1 where a token is real. */
  readonly attentionMask: NdArray<[number, number]>;
};

/** How `pad` differs from its defaults. */
export interface PadOptions {
  /** `T`, when it is to be another than the smallest bucket that holds the longest row. */
  width?: number;
  /** The id that fills; default: the source's `padId`. */
  padId?: number;
}

/** What `collate` gets beside the examples. */
export interface CollateContext {
  /**
   * Rows of token ids to `[rows, T]`; `T` is the smallest bucket that holds the longest row, so that shapes are few.
   *
   * @throws {PropriaError} `ROW_TOO_LONG` for a row that is longer than `T` or than every bucket.
   */
  pad(rows: readonly (readonly number[])[], options?: PadOptions): PaddedTokens;
  /** As `pad`, with the segment of each token, 0 where padded. `tokenTypes` has the rows' lengths. */
  pad(
    rows: readonly (readonly number[])[],
    options: PadOptions & { tokenTypes: readonly (readonly number[])[] },
  ): PaddedTokens & { readonly tokenTypeIds: NdArray<[number, number]> };
  /** The bucket that these examples share: no example's length is above it. In tokens. */
  bucketTokens: number;
}

/**
 * Where training examples come from. Lives in the data worker, so it may read files and take its time.
 *
 * Pure: the same item and stream give the same examples, however often and in whatever order they are asked for.
 * That is what resuming rests on.
 */
export interface ExampleSource<Example, B extends Batch = Batch> {
  /** How many items there are: documents, or training queries. One epoch visits each once. */
  readonly itemCount: number;
  /** Fills padded places; default 0, BERT's `[PAD]`. */
  readonly padId?: number;
  /**
   * The examples of one item, none or many.
   *
   * @param item   0 … `itemCount` − 1.
   * @param random The item's own stream in this epoch: `seeded(seed, "examples", epoch, item)`.
   * @param epoch  Passes over the items before this one, from 0; for a source that takes turns instead of drawing.
   */
  examples(item: number, random: Random, epoch: number): Iterable<Example>;
  /** Tokens of an example, which choose its length bucket; default: the longest array of numbers in it. */
  exampleTokens?(example: Example): number;
  /**
   * Examples of one bucket to arrays of static shapes. The arrays are handed over to another thread: make new ones,
   * and keep none.
   */
  collate(examples: readonly Example[], context: CollateContext): B;
  /** Called once at the end, after an error too. */
  close?(): void | Promise<void>;
}

/** What a source module exports: the way from plain options to a source. The worker thread imports it. */
export interface SourceModule<Options> {
  openSource(options: Options): ExampleSource<unknown> | Promise<ExampleSource<unknown>>;
}

/** A source by name, for a worker thread: a thread can import a module, not receive an object with functions. */
export interface SourceSpec {
  /** A JavaScript module with `openSource`: a file's URL (`file:///…`), or a package subpath that the trainer can resolve. */
  module: string;
  /** Handed to `openSource`; anything that structured cloning takes (plain objects, Maps, typed arrays). */
  options: unknown;
}
