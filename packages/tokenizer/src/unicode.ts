/**
 * Which class a character belongs to, as Hugging Face `tokenizers` sees it. The classes are frozen: they depend
 * neither on Node's Unicode version nor on the machine.
 */
import { IDEOGRAPH, NONSPACING_MARK, PUNCTUATION, REMOVED, UNDECOMPOSED, WHITE_SPACE } from "./unicode-tables.ts";

const CODE_POINTS = 0x110000;
const REMOVED_BIT = 1;
const WHITE_SPACE_BIT = 2;
const PUNCTUATION_BIT = 4;
const NONSPACING_MARK_BIT = 8;
const IDEOGRAPH_BIT = 16;
const UNDECOMPOSED_BIT = 32;

/** Dropped by cleaning: control, format and private characters, U+0000, U+FFFD. */
export const isRemoved = (codePoint: number): boolean => (classes()[codePoint]! & REMOVED_BIT) !== 0;

export const isWhiteSpace = (codePoint: number): boolean => (classes()[codePoint]! & WHITE_SPACE_BIT) !== 0;

/** A word of its own: Unicode's punctuation, and of ASCII whatever is no letter, digit or blank. */
export const isPunctuation = (codePoint: number): boolean => (classes()[codePoint]! & PUNCTUATION_BIT) !== 0;

export const isNonspacingMark = (codePoint: number): boolean => (classes()[codePoint]! & NONSPACING_MARK_BIT) !== 0;

export const isIdeograph = (codePoint: number): boolean => (classes()[codePoint]! & IDEOGRAPH_BIT) !== 0;

/** Has a canonical decomposition that the original does not know. */
export const isUndecomposed = (codePoint: number): boolean => (classes()[codePoint]! & UNDECOMPOSED_BIT) !== 0;

let filled: Uint8Array | undefined;

/** The bits of every code point; filled at first use, so that importing does nothing. */
function classes(): Uint8Array {
  if (filled) return filled;
  filled = new Uint8Array(CODE_POINTS);
  for (const [table, bit] of [
    [REMOVED, REMOVED_BIT],
    [WHITE_SPACE, WHITE_SPACE_BIT],
    [PUNCTUATION, PUNCTUATION_BIT],
    [NONSPACING_MARK, NONSPACING_MARK_BIT],
    [IDEOGRAPH, IDEOGRAPH_BIT],
    [UNDECOMPOSED, UNDECOMPOSED_BIT],
  ] as const) {
    let end = 0;
    for (const range of table.split(" ")) {
      const [distance, more = "0"] = range.split(".");
      const first = end + Number.parseInt(distance!, 36);
      end = first + Number.parseInt(more, 36);
      for (let codePoint = first; codePoint <= end; codePoint++) filled[codePoint]! |= bit;
    }
  }
  return filled;
}
