/** The second step: a normalized text parted into words. */
import { isPunctuation, isWhiteSpace } from "./unicode.ts";

/** A word, in units of the normalized text; `end` is exclusive. */
export interface WordSpan {
  start: number;
  end: number;
}

/** The words of a text as Hugging Face's `BertPreTokenizer` gives them: parted at white space, punctuation each by itself. */
export function preTokenize(text: string): WordSpan[] {
  const words: WordSpan[] = [];
  let wordStart = -1; // none is open
  let at = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    const parts = isWhiteSpace(codePoint);
    const alone = isPunctuation(codePoint);
    if ((parts || alone) && wordStart >= 0) {
      words.push({ start: wordStart, end: at });
      wordStart = -1;
    }
    if (alone) words.push({ start: at, end: at + character.length });
    else if (!parts && wordStart < 0) wordStart = at;
    at += character.length;
  }
  if (wordStart >= 0) words.push({ start: wordStart, end: at });
  return words;
}
