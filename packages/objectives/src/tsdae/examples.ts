import type { Random } from "@propria/base";
import { type Document, documentText } from "@propria/collection";
import type { Tokenizer } from "@propria/tokenizer";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, nextTokens, windowRow, wordsOf } from "../toolkit/index.ts";

interface ExampleOptions {
  deletedShare: number;
  decodedShare: number;
}

/** A text with words deleted, and the whole text with its next tokens. */
export interface TsdaeExample {
  damaged: number[];
  next: MaskedRow;
}

/** `[CLS] window [SEP]`, damaged and whole: one window of the document, another in each epoch. */
export function* tsdaeExamples(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<TsdaeExample> {
  const row = windowRow(tokenizer.encode(documentText(document)), maxTokens, { random, tokenizer });
  if (!row) return;
  const left = withoutWords(row.slice(1, -1), options.deletedShare, { random, tokenizer });
  const damaged = [tokenizer.clsId, ...left, tokenizer.sepId];
  yield { damaged, next: nextTokens(row, options.decodedShare, random) };
}

/** Each word is left out with a chance of `share`, all its pieces at once; one that is drawn stays when none would. */
export function withoutWords(
  ids: readonly number[],
  share: number,
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
): number[] {
  const words = wordsOf(ids, tokenizer).map(({ start, end }) => ids.slice(start, end));
  const kept = words.filter(() => random() >= share);
  return (kept.length > 0 ? kept : [words[random.int(words.length)]!]).flat();
}
