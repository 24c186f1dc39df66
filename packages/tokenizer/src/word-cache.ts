/**
 * The pieces of stretches of text that were cut before. Everything lies in typed arrays, so that a stretch does not
 * keep the text alive that it was cut from, and the memory is bounded: 9 MB when full, then it starts anew.
 */

/** Stretches longer than this are not kept (their spans fit into a byte), UTF-16 units. */
export const LONGEST_KEPT = 48;

const ENTRIES = 2 ** 17; // more than the distinct words of 10 MB of English
const SLOTS = 2 ** 18; // half empty, so that a search is short
const KEY_UNITS = 2 ** 20;
const PIECES = 2 ** 19;

/** Pieces of one stretch: ids, and the word, start and end of each, relative to the stretch. */
export interface Pieces {
  ids: number[];
  words: number[];
  starts: number[];
  ends: number[];
}

/** Start of the hash that the caller folds the units of a stretch into with `foldUnit`. */
export const EMPTY_HASH = 0x811c9dc5 | 0;

/** FNV-1a by units instead of bytes. */
export const foldUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

/** Invariant: an entry's key, pieces and hash lie in the arrays at the places that its number gives; slots hold number + 1, or 0. */
export class WordCache {
  readonly #slots = new Int32Array(SLOTS);
  readonly #hashes = new Int32Array(ENTRIES);
  readonly #keyEnds = new Int32Array(ENTRIES + 1); // entry e's key: keyEnds[e] … keyEnds[e + 1]
  readonly #pieceEnds = new Int32Array(ENTRIES + 1);
  readonly #keys = new Uint16Array(KEY_UNITS);
  /** Ids of all entries' pieces. */
  readonly ids = new Int32Array(PIECES);
  /** Of each piece: word | start << 8 | end << 16. */
  readonly spans = new Int32Array(PIECES);
  #count = 0;

  /** The entry of `text[start, end)`, or −1. */
  find(text: string, start: number, end: number, hash: number): number {
    const length = end - start;
    for (let slot = spread(hash); ; slot = (slot + 1) & (SLOTS - 1)) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] !== hash) continue;
      const key = this.#keyEnds[entry]!;
      if (this.#keyEnds[entry + 1]! - key !== length) continue;
      let same = 0;
      while (same < length && this.#keys[key + same] === text.charCodeAt(start + same)) same++;
      if (same === length) return entry;
    }
  }

  firstPiece(entry: number): number {
    return this.#pieceEnds[entry]!;
  }

  endPiece(entry: number): number {
    return this.#pieceEnds[entry + 1]!;
  }

  /** Keeps the pieces of `text[start, end)`, which is not there yet and no longer than `LONGEST_KEPT`. */
  keep(text: string, start: number, end: number, hash: number, pieces: Pieces): void {
    const count = pieces.ids.length;
    if (
      this.#count === ENTRIES ||
      this.#keyEnds[this.#count]! + end - start > KEY_UNITS ||
      this.#pieceEnds[this.#count]! + count > PIECES
    ) {
      this.#slots.fill(0);
      this.#count = 0;
    }
    const entry = this.#count++;
    let key = this.#keyEnds[entry]!;
    for (let at = start; at < end; at++) this.#keys[key++] = text.charCodeAt(at);
    this.#keyEnds[entry + 1] = key;
    const first = this.#pieceEnds[entry]!;
    for (let i = 0; i < count; i++) {
      this.ids[first + i] = pieces.ids[i]!;
      this.spans[first + i] = pieces.words[i]! | (pieces.starts[i]! << 8) | (pieces.ends[i]! << 16);
    }
    this.#pieceEnds[entry + 1] = first + count;
    this.#hashes[entry] = hash;
    let slot = spread(hash);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    this.#slots[slot] = entry + 1;
  }
}

/** The slot a search begins at: FNV's low bits alone are poor for short keys. */
const spread = (hash: number): number => (hash ^ (hash >>> 15)) & (SLOTS - 1);
