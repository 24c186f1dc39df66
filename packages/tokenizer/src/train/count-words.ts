/** How often each word occurs in a stream of texts, in bounded memory. */
import { normalize } from "../normalize.ts";
import { preTokenize } from "../pre-tokenize.ts";
import type { TextOptions } from "../text-options.ts";
import { detached } from "../words/detached.ts";

/** Distinct stretches held at once; about 100 bytes each. */
const MOST_STRETCHES = 4_000_000;

/** Texts between two reports of progress. */
const REPORT_EVERY = 256;

// Cut where the tokenizer cuts: at blanks, and before and after ASCII punctuation and the ideographs without decompositions.
const STRETCHES = /[^ \t\n\r!-/:-@[-`{-~㐀-䶿一-鿿]+|[!-/:-@[-`{-~㐀-䶿一-鿿]/g;
const STRETCHES_WITH_IDEOGRAPHS = /[^ \t\n\r!-/:-@[-`{-~]+|[!-/:-@[-`{-~]/g;

/** What a corpus holds. */
export interface WordCounts {
  /** Normalized words; the rarest are missing when there were too many. */
  words: Map<string, number>;
  /** Characters of all words, those that were let go included. */
  characters: Map<string, number>;
}

/**
 * Counts words over a stream. When there are more than `mostStretches` distinct ones, those that came once are let go
 * (then those that came twice, and so on until half are left), so that memory does not grow with the corpus.
 */
export async function countWords(
  texts: AsyncIterable<string>,
  options: TextOptions,
  { mostStretches = MOST_STRETCHES, onText = (_done: number) => {} } = {},
): Promise<WordCounts> {
  const stretches = new Map<string, number>();
  const characters = new Map<string, number>();
  const pattern = options.splitIdeographs ? STRETCHES : STRETCHES_WITH_IDEOGRAPHS;
  let done = 0;
  for await (const text of texts) {
    for (const stretch of text.match(pattern) ?? []) {
      const count = stretches.get(stretch);
      if (count === undefined) stretches.set(detached(stretch), 1);
      else stretches.set(stretch, count + 1);
    }
    if (stretches.size > mostStretches) letGo(stretches, characters, mostStretches / 2, options);
    if (++done % REPORT_EVERY === 0) onText(done);
  }
  onText(done);

  const words = new Map<string, number>();
  for (const [stretch, count] of stretches) addWords(words, stretch, count, options);
  for (const [word, count] of words) addCharacters(characters, word, count);
  return { words, characters };
}

function letGo(
  stretches: Map<string, number>,
  characters: Map<string, number>,
  target: number,
  options: TextOptions,
): void {
  for (let rarest = 1; stretches.size > target; rarest++) {
    for (const [stretch, count] of stretches) {
      if (count > rarest) continue;
      stretches.delete(stretch);
      const words = new Map<string, number>();
      addWords(words, stretch, count, options);
      for (const [word, times] of words) addCharacters(characters, word, times);
    }
  }
}

function addWords(words: Map<string, number>, stretch: string, count: number, options: TextOptions): void {
  const { text } = normalize(stretch, options);
  for (const { start, end } of preTokenize(text)) {
    const word = detached(text.slice(start, end));
    words.set(word, (words.get(word) ?? 0) + count);
  }
}

function addCharacters(characters: Map<string, number>, word: string, count: number): void {
  for (const character of word) characters.set(character, (characters.get(character) ?? 0) + count);
}
