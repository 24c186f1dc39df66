/** A passage to rows of token ids, with the words whose weights are asked for. */
import type { Tokenizer } from "@propria/tokenizer";

/** What a model reads at once: `[CLS] pieces [SEP]`. */
export interface PassageRow {
  ids: number[];
  /** Lower-cased, as they stand in the text; punctuation alone is no word. */
  words: string[];
  /** Of each word, the place of its first piece in `ids`. */
  positions: number[];
}

/** How a text is cut to rows. */
export interface RowOptions {
  /** Longest row, special tokens included. */
  maxTokens: number;
  /** A text longer than a row: cut at its end, as in DeepCT's code, or read in consecutive windows, each from a word's start. */
  longPassages: "cut" | "windows";
}

/** [CLS] and [SEP]. */
export const SPECIAL_TOKENS = 2;

/** The rows of a text, none for one without pieces. Where a window ends within a word, its first pieces speak for it. */
export function passageRows(tokenizer: Tokenizer, text: string, { maxTokens, longPassages }: RowOptions): PassageRow[] {
  const { ids, wordIds, starts, ends } = tokenizer.encodeWords(text);
  const room = maxTokens - SPECIAL_TOKENS;
  const rows: PassageRow[] = [];
  for (let from = 0; from < ids.length; ) {
    const to = Math.min(from + room, ids.length);
    const row: PassageRow = {
      ids: [tokenizer.clsId, ...ids.subarray(from, to), tokenizer.sepId],
      words: [],
      positions: [],
    };
    for (let piece = from; piece < to; piece++) {
      if (piece > from && wordIds[piece] === wordIds[piece - 1]) continue;
      let last = piece;
      while (last + 1 < ids.length && wordIds[last + 1] === wordIds[piece]) last++;
      const word = text.slice(starts[piece], ends[last]).toLowerCase();
      if (!/[\p{L}\p{N}]/u.test(word)) continue;
      row.words.push(word);
      row.positions.push(piece - from + 1); // behind [CLS]
    }
    rows.push(row);
    if (longPassages === "cut") break;
    for (from = to; from < ids.length && wordIds[from] === wordIds[from - 1]; ) from++;
  }
  return rows;
}
