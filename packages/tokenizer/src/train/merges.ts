/** Words as sequences of pieces, and the pairs of neighbours in them: merging a pair updates only what it touches. */
import { CONTINUATION } from "../word-piece.ts";
import { PairQueue } from "./pair-queue.ts";

/** Ids stay below this, so that a pair of them is one safe integer. */
const MOST_IDS = 2 ** 24;

/**
 * Invariants: word `w` is the pieces `#pieces[#starts[w]]` … of length `#lengths[w]`, and occurs `#frequencies[w]` times;
 * `#counts[p]` is how often pair `p` occurs now; every word that holds it is in `#words[p]` (and others that held it once);
 * a pair with a positive count that may be merged has an entry in the queue with at least that count.
 */
export class Merges {
  /** Pieces by id; grows with the merges. */
  readonly tokens: string[];
  readonly #ids: Map<string, number>;
  readonly #pieces: Int32Array;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #frequencies: Float64Array;
  readonly #pairs = new Map<number, number>(); // left · MOST_IDS + right → pair
  readonly #lefts: number[] = [];
  readonly #rights: number[] = [];
  readonly #counts: number[] = [];
  readonly #words: number[][] = [];
  readonly #queue: PairQueue;
  readonly #minFrequency: number;

  /**
   * @param alphabet     First pieces, `c` and `##c`: every character of every word in the form that it needs there.
   * @param words        Words with their frequencies.
   * @param minFrequency Rarer pairs are not merged.
   */
  constructor(alphabet: readonly string[], words: ReadonlyMap<string, number>, minFrequency: number) {
    this.tokens = [...alphabet];
    this.#ids = new Map(alphabet.map((token, id) => [token, id]));
    this.#minFrequency = minFrequency;
    this.#queue = new PairQueue((a, b) =>
      a.count !== b.count ? a.count > b.count : this.#compare(a.pair, b.pair) < 0,
    );

    let units = 0;
    for (const word of words.keys()) units += word.length;
    this.#pieces = new Int32Array(units);
    this.#starts = new Int32Array(words.size);
    this.#lengths = new Int32Array(words.size);
    this.#frequencies = Float64Array.from(words.values());
    let word = 0;
    let end = 0;
    for (const text of words.keys()) {
      this.#starts[word] = end;
      for (const character of text) {
        const begins = end === this.#starts[word];
        this.#pieces[end++] = this.#ids.get(begins ? character : CONTINUATION + character)!;
      }
      this.#lengths[word] = end - this.#starts[word]!;
      for (let i = this.#starts[word]! + 1; i < end; i++) this.#change(this.#pieces[i - 1]!, this.#pieces[i]!, word, 1);
      word++;
    }
    for (let pair = 0; pair < this.#counts.length; pair++) this.#enqueue(pair);
  }

  /** Merges the most frequent pair, of equals the first by its pieces' strings. False when none is frequent enough. */
  mergeNext(): boolean {
    for (let next = this.#queue.pop(); next; next = this.#queue.pop()) {
      const count = this.#counts[next.pair]!;
      if (count !== next.count) {
        if (count < next.count) this.#enqueue(next.pair); // it lost occurrences since; when it won some, it was put in again
        continue;
      }
      this.#merge(next.pair);
      return true;
    }
    return false;
  }

  #merge(pair: number): void {
    const left = this.#lefts[pair]!;
    const right = this.#rights[pair]!;
    const token = this.tokens[left]! + this.tokens[right]!.slice(CONTINUATION.length);
    let merged = this.#ids.get(token);
    if (merged === undefined) {
      merged = this.tokens.length;
      this.tokens.push(token);
      this.#ids.set(token, merged);
    }
    const won = new Set<number>();
    for (const word of this.#words[pair]!) this.#mergeIn(word, left, right, merged, won);
    this.#forget(pair);
    for (const each of won) this.#enqueue(each);
  }

  /** Replaces left, right by merged in a word; pairs that gained go into `won`. */
  #mergeIn(word: number, left: number, right: number, merged: number, won: Set<number>): void {
    const pieces = this.#pieces;
    const start = this.#starts[word]!;
    const end = start + this.#lengths[word]!;
    let out = start;
    for (let i = start; i < end; i++) {
      if (i + 1 < end && pieces[i] === left && pieces[i + 1] === right) {
        if (out > start) {
          this.#change(pieces[out - 1]!, left, word, -1);
          won.add(this.#change(pieces[out - 1]!, merged, word, 1));
        }
        if (i + 2 < end) {
          this.#change(right, pieces[i + 2]!, word, -1);
          won.add(this.#change(merged, pieces[i + 2]!, word, 1));
        }
        pieces[out++] = merged;
        i++;
      } else {
        pieces[out++] = pieces[i]!;
      }
    }
    this.#lengths[word] = out - start;
  }

  /** Counts `times` occurrences of a pair in a word more or less; gives the pair. */
  #change(left: number, right: number, word: number, times: 1 | -1): number {
    const key = left * MOST_IDS + right;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = this.#counts.length;
      this.#pairs.set(key, pair);
      this.#lefts.push(left);
      this.#rights.push(right);
      this.#counts.push(0);
      this.#words.push([]);
    }
    this.#counts[pair]! += times * this.#frequencies[word]!;
    const words = this.#words[pair]!;
    if (times > 0 && words[words.length - 1] !== word) words.push(word);
    return pair;
  }

  #enqueue(pair: number): void {
    const count = this.#counts[pair]!;
    if (count >= this.#minFrequency && count > 0) this.#queue.push({ pair, count });
  }

  #forget(pair: number): void {
    this.#counts[pair] = 0;
    this.#words[pair] = [];
    this.#pairs.delete(this.#lefts[pair]! * MOST_IDS + this.#rights[pair]!);
  }

  #compare(a: number, b: number): number {
    return (
      compareStrings(this.tokens[this.#lefts[a]!]!, this.tokens[this.#lefts[b]!]!) ||
      compareStrings(this.tokens[this.#rights[a]!]!, this.tokens[this.#rights[b]!]!)
    );
  }
}

/** By UTF-16 units, whatever the locale. */
const compareStrings = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
