import { PropriaError } from "@propria/base";

/**
 * Length buckets: examples of similar length share a batch of one static width, so that the engine compiles few shapes
 * and little of a batch is padding.
 */

/** Examples per batch: a number, or as many as make about so many tokens in each bucket (at least one). */
export type BatchSize = number | { readonly tokens: number };

/** One width and how many examples make a batch of it. */
export interface Bucket {
  /** Longest example, in tokens: the width of its batches. */
  tokens: number;
  /** Examples per batch; never more than in a narrower bucket. */
  examples: number;
}

const WIDTHS = [32, 64, 128, 256, 512]; // tokens; finer steps pad less and compile more

/** The buckets for at most `maxTokens`, narrow to wide: 32, 64, 128, 256, 512 as far as they are below, and `maxTokens` itself. */
export function lengthBuckets(maxTokens: number, batch: BatchSize): Bucket[] {
  const widths = [...WIDTHS.filter((width) => width < maxTokens), maxTokens];
  return widths.map((tokens) => ({
    tokens,
    examples: examplesOf(batch, tokens),
  }));
}

/** The examples of a batch, or a chunk, whose longest has at most `tokens`. */
export const examplesOf = (size: BatchSize, tokens: number): number =>
  typeof size === "number" ? size : Math.max(1, Math.floor(size.tokens / tokens));

/** The index of the narrowest bucket that holds `tokens`; −1 when none does. */
export const bucketOf = (buckets: readonly Bucket[], tokens: number): number =>
  buckets.findIndex((bucket) => tokens <= bucket.tokens);

/**
 * As {@link bucketOf}, for something that must fit.
 *
 * @throws {PropriaError} `ROW_TOO_LONG`
 */
export function fittingBucket(buckets: readonly Bucket[], tokens: number, what: string): number {
  const index = bucketOf(buckets, tokens);
  if (index < 0)
    throw new PropriaError("ROW_TOO_LONG", `${what} has ${tokens} tokens, at most ${buckets.at(-1)!.tokens} fit`, {
      mend: "cut texts to maxTokens when making examples, or raise maxTokens",
    });
  return index;
}

/** The length of the longest array of numbers anywhere in an example, 0 when it has none. */
export function longestRow(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return "length" in value ? (value.length as number) : 0;
  if (Array.isArray(value) && typeof value[0] === "number") return value.length;
  let longest = 0;
  for (const part of Object.values(value)) longest = Math.max(longest, longestRow(part));
  return longest;
}
