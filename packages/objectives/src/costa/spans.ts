import type { Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import { betaSample, type Span, wordsOf } from "../toolkit/index.ts";

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

/**
 * The spans of one text: `spansPerGranularity` of each granularity, in the order of `granularities`; they may overlap and repeat.
 *
 * A `word` is all pieces of one word, each word equally likely. Of the others the length is ⌊p·(longest − shortest) + shortest⌋ with p from
 * Beta(α, β), cut to the text's, and the place uniform. (The slides draw the start from 1 … n − length, which never covers the last token.)
 * No word is a special token ([UNK], or one that stands in the text itself), and no span holds nothing else.
 *
 * @param ids Piece ids of the text without special tokens around them; one at least that is none.
 */
export function sampleSpans(
  ids: readonly number[],
  options: SpanOptions,
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
): Span[] {
  const isSpecial = ids.map((id) => tokenizer.specialIds.has(id));
  const words = wordsOf(ids, tokenizer).filter(({ start }) => !isSpecial[start]);
  const draw = (granularity: (typeof granularities)[number]): Span => {
    if (granularity === "word") return words[random.int(words.length)]!;
    const length = Math.min(ids.length, spanLength(options[`${granularity}Tokens`], options, random));
    const starts = startsWithContent(isSpecial, length);
    const start = starts[random.int(starts.length)]!;
    return { start, end: start + length };
  };
  return options.granularities.flatMap((granularity) =>
    Array.from({ length: options.spansPerGranularity }, () => draw(granularity)),
  );
}

/** Where a span of `length` tokens may begin so that one of them at least is not special. */
function startsWithContent(isSpecial: readonly boolean[], length: number): number[] {
  const starts: number[] = [];
  let last = -1; // place of the last token that is not special, up to the span's end
  isSpecial.forEach((special, end) => {
    if (!special) last = end;
    const start = end - length + 1;
    if (start >= 0 && last >= start) starts.push(start);
  });
  return starts;
}

/** A length from a band, in tokens. */
export function spanLength(
  [shortest, longest]: readonly [number, number],
  { alpha, beta }: Pick<SpanOptions, "alpha" | "beta">,
  random: Random,
): number {
  return Math.floor(betaSample(alpha, beta, random) * (longest - shortest) + shortest);
}
