/** The first step: a text cleaned, without accents, lower-cased, and for each of its units where it came from. */
import type { TextOptions } from "./text-options.ts";
import { isIdeograph, isNonspacingMark, isRemoved, isUndecomposed, isWhiteSpace } from "./unicode.ts";

const REPLACEMENT = 0xfffd;

/** A normalized text. Unit `i` of `text` comes from the units `starts[i]` … `ends[i]` − 1 of the original. */
export interface Normalized {
  text: string;
  starts: number[];
  ends: number[];
}

/**
 * Normalizes as Hugging Face's `BertNormalizer`, in its order: clean, part ideographs, strip accents, lower-case.
 *
 * A lone surrogate counts as U+FFFD, which is what becomes of it in UTF-8. Letters are lower-cased one by one, so a
 * final Σ becomes σ, not ς.
 */
export function normalize(
  text: string,
  { lowercase, stripAccents, cleanText, splitIdeographs }: TextOptions,
): Normalized {
  let result: Normalized = { text: "", starts: [], ends: [] };
  for (let start = 0; start < text.length; ) {
    const codePoint = text.codePointAt(start)!;
    const end = start + (codePoint > 0xffff ? 2 : 1);
    const lone = codePoint >= 0xd800 && codePoint < 0xe000;
    const known = lone ? REPLACEMENT : codePoint;
    if (!(cleanText && isRemoved(known))) {
      const character = cleanText && isWhiteSpace(known) ? " " : String.fromCodePoint(known);
      append(result, splitIdeographs && isIdeograph(known) ? ` ${character} ` : character, start, end);
    }
    start = end;
  }
  if (stripAccents)
    result = eachCharacter(decompose(result), (character, code) => (isNonspacingMark(code) ? "" : character));
  if (lowercase) result = eachCharacter(result, (character) => character.toLowerCase());
  return result;
}

/** Canonical decomposition; marks in another order than the canonical one keep the places, not the origins. */
function decompose(given: Normalized): Normalized {
  const apart = eachCharacter(given, (character, code) =>
    isUndecomposed(code) ? character : character.normalize("NFD"),
  );
  const whole = apart.text.normalize("NFD");
  return whole.length === apart.text.length ? { ...apart, text: whole } : apart;
}

function eachCharacter(given: Normalized, change: (character: string, codePoint: number) => string): Normalized {
  const result: Normalized = { text: "", starts: [], ends: [] };
  let at = 0;
  for (const character of given.text) {
    append(result, change(character, character.codePointAt(0)!), given.starts[at]!, given.ends[at]!);
    at += character.length;
  }
  return result;
}

function append(result: Normalized, units: string, start: number, end: number): void {
  result.text += units;
  for (let i = 0; i < units.length; i++) {
    result.starts.push(start);
    result.ends.push(end);
  }
}
