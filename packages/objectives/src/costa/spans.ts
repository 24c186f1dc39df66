import type { Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import { betaSample } from "../toolkit/index.ts";

/** What a span can be. All but `word` are bands of lengths, not what a language calls so. */
export const granularities = ["word", "phrase", "sentence", "paragraph"] as const;

/** How spans are drawn. */
export interface SpanOptions {
  granularities: readonly (typeof granularities)[number][];
  spansPerGranularity: number;
  /** Shortest and longest, tokens. */
  phraseTokens: readonly [number, number];
  sentenceTokens: readonly [number, number];
  paragraphTokens: readonly [number, number];
  alpha: number;
  beta: number;
}

/** Tokens `start` … `end − 1` of a text. */
export interface Span {
  start: number;
  end: number;
}

/**
 * The spans of one text: `spansPerGranularity` of each granularity, in the order of `granularities`; they may overlap and repeat.
 *
 * A `word` is all pieces of one word, each word equally likely. Of the others the length is ⌊p·(longest − shortest) + shortest⌋ with p from
 * Beta(α, β), cut to the text's, and the place uniform. (The slides draw the start from 1 … n − length, which never covers the last token.)
 *
 * @param ids Piece ids of the text without special tokens around them; one at least.
 */
export function sampleSpans(
  ids: readonly number[],
  options: SpanOptions,
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
): Span[] {
  const words = wordsOf(ids, tokenizer);
  const draw = (granularity: (typeof granularities)[number]): Span => {
    if (granularity === "word") return words[random.int(words.length)]!;
    const length = Math.min(ids.length, spanLength(options[`${granularity}Tokens`], options, random));
    const start = random.int(ids.length - length + 1);
    return { start, end: start + length };
  };
  return options.granularities.flatMap((granularity) =>
    Array.from({ length: options.spansPerGranularity }, () => draw(granularity)),
  );
}

/** A length from a band, in tokens. */
export function spanLength(
  [shortest, longest]: readonly [number, number],
  { alpha, beta }: Pick<SpanOptions, "alpha" | "beta">,
  random: Random,
): number {
  return Math.floor(betaSample(alpha, beta, random) * (longest - shortest) + shortest);
}

/** Every word with its pieces. */
function wordsOf(ids: readonly number[], tokenizer: Tokenizer): Span[] {
  const words: Span[] = [];
  ids.forEach((id, i) => {
    const last = words.at(-1);
    if (last && tokenizer.isContinuation(id)) last.end = i + 1;
    else words.push({ start: i, end: i + 1 });
  });
  return words;
}
