import type { Random } from "@propria/base";
import { type Document, documentText } from "@propria/collection";
import type { Tokenizer } from "@propria/tokenizer";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, nextTokens, textWindow } from "../toolkit/index.ts";

interface ExampleOptions {
  deletedShare: number;
  decodedShare: number;
}

/** A text with words deleted, and the whole text with its next tokens. */
export interface TsdaeExample {
  damaged: number[];
  next: MaskedRow;
}

const SPECIAL_TOKENS = 2; // [CLS] and [SEP]

/** `[CLS] window [SEP]`, damaged and whole: one window of the document, another in each epoch. */
export function* tsdaeExamples(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<TsdaeExample> {
  const window = textWindow(tokenizer.encode(documentText(document)), maxTokens - SPECIAL_TOKENS, {
    random,
    tokenizer,
  });
  if (window.every((id) => tokenizer.specialIds.has(id))) return; // nothing to say
  const row = (ids: readonly number[]) => [tokenizer.clsId, ...ids, tokenizer.sepId];
  const left = withoutWords(window, options.deletedShare, { random, tokenizer });
  yield { damaged: row(left), next: nextTokens(row(window), options.decodedShare, random) };
}

/** Each word is left out with a chance of `share`, all its pieces at once; one that is drawn stays when none would. */
export function withoutWords(
  ids: readonly number[],
  share: number,
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
): number[] {
  const words: number[][] = [];
  for (const id of ids) {
    if (words.length > 0 && tokenizer.isContinuation(id)) words.at(-1)!.push(id);
    else words.push([id]);
  }
  const kept = words.filter(() => random() >= share);
  return (kept.length > 0 ? kept : [words[random.int(words.length)]!]).flat();
}
