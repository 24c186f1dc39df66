/** Words of a text by number, for each kind of words that there is. */
import { chineseWords, detached } from "@propria/tokenizer";
import { WordTable } from "./word-table.ts";

/** What counts as a word: `"latin"`, `[a-zA-Z]+` lower-cased; `"chinese"`, those and what `chineseWords` of @propria/tokenizer parts ideographs into. */
export type WordKind = (typeof wordKindNames)[number];

export const wordKindNames = ["latin", "chinese"] as const;

/** Distinct words, numbered in the order in which they came. */
export interface WordNumbers {
  readonly size: number;
  /** The numbers of the text's words, in order, −1 for a word that is not here; valid until the next call. */
  read(text: string): Int32Array;
  /** As `read`, but words that are not here get the next number. */
  learn(text: string): Int32Array;
  /** The number of a word, which gets the next one if it is not here. */
  add(word: string): number;
  word(index: number): string;
}

/** Numbers for words of a kind, those given first, each given once. */
export function wordNumbers(kind: WordKind, words: Iterable<string> = []): WordNumbers {
  const numbers = kind === "latin" ? new WordTable() : new CutWords(chineseWords);
  for (const word of words) numbers.add(word);
  return numbers;
}

/** Of words that a function cuts a text into. */
class CutWords implements WordNumbers {
  readonly #cut: (text: string) => string[];
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [];

  constructor(cut: (text: string) => string[]) {
    this.#cut = cut;
  }

  get size(): number {
    return this.#words.length;
  }

  read(text: string): Int32Array {
    return Int32Array.from(this.#cut(text), (word) => this.#numbers.get(word) ?? -1);
  }

  learn(text: string): Int32Array {
    return Int32Array.from(this.#cut(text), (word) => this.add(word));
  }

  add(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const kept = detached(word);
    this.#numbers.set(kept, this.#words.length);
    return this.#words.push(kept) - 1;
  }

  word(index: number): string {
    return this.#words[index]!;
  }
}
