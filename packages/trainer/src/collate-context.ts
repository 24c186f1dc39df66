import { PropriaError } from "@propria/base";
import type { NdArray } from "@propria/engine";
import { type Bucket, fittingBucket } from "./buckets.ts";
import type { CollateContext, PaddedTokens, PadOptions } from "./source.ts";

type Rows = readonly (readonly number[])[];

/** What `collate` gets: padding to one of `buckets`. */
export function collateContext(
  buckets: readonly Bucket[],
  { bucketTokens, padId: filler = 0 }: { bucketTokens: number; padId?: number | undefined },
): CollateContext {
  const widthOf = (rows: Rows): number => {
    const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
    return buckets[fittingBucket(buckets, longest, "a row")]!.tokens;
  };
  function pad(rows: Rows, options: PadOptions & { tokenTypes: Rows }): PaddedTokens & { tokenTypeIds: Matrix };
  function pad(rows: Rows, options?: PadOptions): PaddedTokens;
  function pad(rows: Rows, options: PadOptions & { tokenTypes?: Rows } = {}) {
    const { width = widthOf(rows), padId = filler, tokenTypes } = options;
    const ones = rows.map((row) => row.map(() => 1));
    const padded = { inputIds: matrix(rows, width, padId), attentionMask: matrix(ones, width, 0) };
    return tokenTypes ? { ...padded, tokenTypeIds: matrix(tokenTypes, width, 0) } : padded;
  }
  return { pad, bucketTokens };
}

type Matrix = NdArray<[number, number]>;

/** int32 `[rows, width]`, filled up with `filler`. */
function matrix(rows: Rows, width: number, filler: number): Matrix {
  const data = new Int32Array(rows.length * width).fill(filler);
  for (const [i, row] of rows.entries()) {
    if (row.length > width)
      throw new PropriaError("ROW_TOO_LONG", `a row has ${row.length} tokens, its batch is ${width} wide`, {
        mend: "cut texts to maxTokens when making examples, or give pad a larger width",
      });
    data.set(row, i * width);
  }
  return { data, shape: [rows.length, width] };
}
