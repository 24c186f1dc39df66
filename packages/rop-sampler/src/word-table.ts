/**
 * Words `[a-z]+` and their numbers, looked up in place: reading a text makes no string for a word that is known.
 *
 * Equal to `englishWords` of @propria/tokenizer (`[a-zA-Z]+`, lower-cased), at some 100 MB/s.
 */
import type { WordNumbers } from "./word-numbers.ts";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const UNKNOWN = -1;

const decoder = new TextDecoder();

/** Invariant: word `i` is the `i`-th distinct word added, and every occupied slot holds the number + 1 of a word with that hash. */
export class WordTable implements WordNumbers {
  #slots = new Int32Array(2048);
  #hashes = new Int32Array(1024);
  /** Word `i` is the bytes from `ends[i - 1]` to `ends[i]`. */
  #ends = new Uint32Array(1024);
  #letters = new Uint8Array(8192);
  #size = 0;
  #found = new Int32Array(4096);

  get size(): number {
    return this.#size;
  }

  /** The numbers of the text's words, in order, −1 for a word that is not here; a view that the next call overwrites. */
  read(text: string): Int32Array {
    return this.#scan(text, false);
  }

  /** As `read`, but words that are not here get the next number. */
  learn(text: string): Int32Array {
    return this.#scan(text, true);
  }

  /** The number of a word `[a-z]+`, which gets the next one if it is not here. */
  add(word: string): number {
    return this.learn(word)[0]!;
  }

  word(index: number): string {
    return decoder.decode(this.#letters.subarray(this.#startOf(index), this.#ends[index]!));
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #scan(text: string, grow: boolean): Int32Array {
    const length = text.length;
    let count = 0;
    let at = 0;
    while (at < length) {
      let letter = text.charCodeAt(at) | 32; // lower case; no other character falls among the letters
      if (letter < 97 || letter > 122) {
        at++;
        continue;
      }
      const start = at;
      let hash = FNV_OFFSET;
      do {
        hash = Math.imul(hash ^ letter, FNV_PRIME);
        at++;
        letter = at < length ? text.charCodeAt(at) | 32 : 0;
      } while (letter >= 97 && letter <= 122);
      if (count === this.#found.length) this.#found = grown(this.#found, Int32Array);
      this.#found[count++] = this.#lookUp(text, start, at, hash ^ (hash >>> 15), grow);
    }
    return this.#found.subarray(0, count);
  }

  #lookUp(text: string, start: number, end: number, hash: number, grow: boolean): number {
    const last = this.#slots.length - 1; // a power of two − 1
    let slot = hash & last;
    for (let index = this.#slots[slot]! - 1; index !== UNKNOWN; index = this.#slots[slot]! - 1) {
      if (this.#hashes[index] === hash && this.#equals(index, text, start, end)) return index;
      slot = (slot + 1) & last;
    }
    return grow ? this.#append(text, start, end, hash, slot) : UNKNOWN;
  }

  #equals(index: number, text: string, start: number, end: number): boolean {
    const from = this.#startOf(index);
    if (this.#ends[index]! - from !== end - start) return false;
    for (let i = start; i < end; i++) if ((text.charCodeAt(i) | 32) !== this.#letters[from + i - start]) return false;
    return true;
  }

  #append(text: string, start: number, end: number, hash: number, slot: number): number {
    const index = this.#size++;
    if (index === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, Int32Array);
      this.#ends = grown(this.#ends, Uint32Array);
    }
    const from = this.#startOf(index);
    while (from + end - start > this.#letters.length) this.#letters = grown(this.#letters, Uint8Array);
    for (let i = start; i < end; i++) this.#letters[from + i - start] = text.charCodeAt(i) | 32;
    this.#ends[index] = from + end - start;
    this.#hashes[index] = hash;
    this.#slots[slot] = index + 1;
    if (this.#size * 2 > this.#slots.length) this.#spread();
    return index;
  }

  /** Twice the slots: at most half of them are ever taken. */
  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    for (let index = 0; index < this.#size; index++) {
      let slot = this.#hashes[index]! & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

/** A copy with twice the room. */
export function grown<A extends { length: number; set(from: A): void }>(array: A, kind: new (length: number) => A): A {
  const larger = new kind(array.length * 2);
  larger.set(array);
  return larger;
}
