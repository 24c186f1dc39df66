import { distance } from "fastest-levenshtein";

const FARTHEST_EDITS = 3; // beyond that a suggestion misleads

/**
 * The known name that a misspelt one most likely means, by edit distance, case aside; undefined when none is near
 * (more than 3 edits, or more than half of its letters).
 *
 * @example
 * nearestName("ncdg", ["nDCG", "RR", "AP"]); // "nDCG"
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const limit = Math.min(FARTHEST_EDITS, Math.floor(name.length / 2));
  let nearest: string | undefined;
  let fewest = limit + 1;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}
