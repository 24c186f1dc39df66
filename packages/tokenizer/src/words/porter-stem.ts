import { stemmer } from "stemmer";
import { detached } from "./detached.ts";

/** Stems kept; more are forgotten together. */
const KEPT = 2 ** 17;

const stems = new Map<string, string>();

/**
 * The Porter stem of a lower-cased word, by the npm package `stemmer`; the last ones are kept.
 *
 * @see Porter, "An algorithm for suffix stripping", Program 14(3), 1980.
 */
export function porterStem(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    stem = detached(stemmer(word));
    if (stems.size >= KEPT) stems.clear();
    stems.set(detached(word), stem);
  }
  return stem;
}
