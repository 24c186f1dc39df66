import type { Random } from "@propria/base";

/**
 * A run of `length` items, placed uniformly; a copy of all of them when there are fewer.
 *
 * @param items  Token ids, words, sentences.
 */
export function crop<T>(items: ArrayLike<T>, length: number, random: Random): T[] {
  const start = items.length > length ? random.int(items.length - length + 1) : 0;
  return Array.prototype.slice.call(items, start, start + length);
}
