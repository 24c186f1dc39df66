/** Which words a corpus has, and how often. */
import { setImmediate } from "node:timers/promises";

/** Words by falling count. */
export interface WordCounts {
  words: string[];
  /** Occurrences of each. */
  counts: number[];
  /** Occurrences of all of them. */
  total: number;
}

/** Texts as words, from their beginning as often as asked for. */
export type Texts = () => AsyncIterable<readonly string[]> | Iterable<readonly string[]>;

/** Distinct words counted at a time. Beyond, the rarest are forgotten, as in word2vec, so that memory is bounded: about 1 GB. */
const MOST_COUNTED = 1 << 23;

/** Texts between two turns of the event loop, for whoever wants to stop it. */
export const TEXTS_BETWEEN_TURNS = 64;

/** Counts the words of all texts. Equal counts stand in the order in which the words came first. */
export async function countWords(
  texts: Texts,
  { minCount, maxWords, onText }: { minCount: number; maxWords: number; onText(done: number): void },
): Promise<WordCounts> {
  const counted = new Map<string, number>();
  let forgotten = 0; // words of at most this count may be missing
  let done = 0;
  for await (const text of texts()) {
    for (const word of text) counted.set(word, (counted.get(word) ?? 0) + 1);
    for (; counted.size > MOST_COUNTED; forgotten++)
      for (const [word, count] of counted) if (count <= forgotten + 1) counted.delete(word);
    onText(++done);
    if (done % TEXTS_BETWEEN_TURNS === 0) await setImmediate();
  }
  const kept = [...counted]
    .filter(([, count]) => count >= minCount)
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxWords);
  return {
    words: kept.map(([word]) => word),
    counts: kept.map(([, count]) => count),
    total: kept.reduce((sum, [, count]) => sum + count, 0),
  };
}
