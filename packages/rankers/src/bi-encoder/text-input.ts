/** A text to one row of token ids: `[CLS] text [SEP]`. */
import type { Tokenizer } from "@propria/tokenizer";
import { firstPieces } from "../pair-input.ts";

/** [CLS] and [SEP]. */
export const SPECIAL_TOKENS = 2;

/** The row of a text, cut at its end to `maxTokens`, special tokens included. */
export const textRow = (tokenizer: Tokenizer, text: string, maxTokens: number): number[] => [
  tokenizer.clsId,
  ...firstPieces(tokenizer, text, maxTokens - SPECIAL_TOKENS),
  tokenizer.sepId,
];
