/** The third step: a word cut into pieces of the vocabulary. */

/** Marks a piece that continues a word. */
export const CONTINUATION = "##";

/** A vocabulary laid out for cutting. */
export interface PieceTable {
  /** Ids of whole tokens: what a word can begin with. */
  first: ReadonlyMap<string, number>;
  /** Ids of continuations, by their text without `##`. */
  next: ReadonlyMap<string, number>;
  /** The longest token, in UTF-16 units. */
  longestUnits: number;
  unknownId: number;
  /** A word of more characters (code points) is unknown as a whole. */
  longestWord: number;
}

/** Lays out a vocabulary; of a token listed twice the last id counts, as in Hugging Face's. */
export function pieceTable(tokens: readonly string[], unknownId: number, longestWord: number): PieceTable {
  const first = new Map<string, number>();
  const next = new Map<string, number>();
  let longestUnits = 0;
  for (const [id, token] of tokens.entries()) {
    if (token === "") continue;
    first.set(token, id);
    if (token.startsWith(CONTINUATION)) next.set(token.slice(CONTINUATION.length), id);
    longestUnits = Math.max(longestUnits, token.length);
  }
  return { first, next, longestUnits, unknownId, longestWord };
}

/**
 * Cuts a word greedily, longest piece first. A word that cannot be cut to its end is one unknown piece.
 *
 * @param word  Normalized, without white space.
 * @param found Called with each piece's id, start and end in the word (UTF-16 units).
 * @see Wu et al., "Google's Neural Machine Translation System", 2016, and Devlin et al., "BERT", NAACL 2019.
 */
export function wordPiece(
  word: string,
  table: PieceTable,
  found: (id: number, start: number, end: number) => void,
): void {
  const ids: number[] = [];
  const ends: number[] = [];
  let start = isTooLong(word, table.longestWord) ? -1 : 0;
  while (start >= 0 && start < word.length) {
    const known = start === 0 ? table.first : table.next;
    let end = Math.min(word.length, start + table.longestUnits);
    let id: number | undefined;
    while (end > start) {
      id = known.get(word.slice(start, end));
      if (id !== undefined) break;
      end--;
    }
    if (id !== undefined) {
      ids.push(id);
      ends.push(end);
    }
    start = id === undefined ? -1 : end;
  }
  if (start < 0) found(table.unknownId, 0, word.length);
  else for (let i = 0; i < ids.length; i++) found(ids[i]!, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
}

function isTooLong(word: string, limit: number): boolean {
  if (word.length <= limit) return false;
  let characters = 0;
  for (const _ of word) characters++;
  return characters > limit;
}
