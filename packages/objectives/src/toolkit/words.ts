import type { Tokenizer } from "@propria/tokenizer";

/** Pieces `start` … `end − 1` of a row. */
export interface Span {
  start: number;
  end: number;
}

/**
 * The words of a row in their order, each with all its pieces. A special token ([UNK] among them) is a word of its own; no piece joins it.
 *
 * @param ids Piece ids.
 */
export function wordsOf(ids: readonly number[], tokenizer: Tokenizer): Span[] {
  const words: Span[] = [];
  let open = false; // whether a continuation joins the last word
  ids.forEach((id, i) => {
    const special = tokenizer.specialIds.has(id);
    if (open && !special && tokenizer.isContinuation(id)) words.at(-1)!.end = i + 1;
    else words.push({ start: i, end: i + 1 });
    open = !special;
  });
  return words;
}
