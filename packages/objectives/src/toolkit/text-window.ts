import type { Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";

/**
 * One window of a text: `length` pieces from a uniform place, moved back to the start of its word; all of a text that is no longer.
 *
 * @param ids Piece ids without special tokens.
 */
export function textWindow(
  ids: readonly number[],
  length: number,
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
): number[] {
  if (ids.length <= length) return ids.slice(0, length);
  let start = random.int(ids.length - length + 1);
  while (start > 0 && tokenizer.isContinuation(ids[start]!)) start--;
  return ids.slice(start, start + length);
}

/**
 * `[CLS] window [SEP]`: a row of one {@link textWindow} of a text; `undefined` where that holds nothing but special tokens, so that there is
 * nothing to predict in it.
 *
 * @param ids       Piece ids without special tokens around them.
 * @param maxTokens Longest row, [CLS] and [SEP] included.
 */
export function windowRow(
  ids: readonly number[],
  maxTokens: number,
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
): number[] | undefined {
  const window = textWindow(ids, maxTokens - AROUND, { random, tokenizer });
  if (window.every((id) => tokenizer.specialIds.has(id))) return undefined;
  return [tokenizer.clsId, ...window, tokenizer.sepId];
}

const AROUND = 2; // tokens: [CLS] and [SEP]
