/** A text as an encoder reads it, with the words whose attention is asked for. */
import type { Tokenizer } from "@propria/tokenizer";
import type { WordKind } from "../word-numbers.ts";

/** Which pieces of a word the encoder sees, and which speak for it. */
export type PieceAttention = (typeof pieceNames)[number];

/**
 * `"onlyFirst"`: all attention passes over the continuations of words, as in the code; `"first"` and `"sum"`: the encoder sees all pieces. The
 * ideographs of a Chinese word are no continuations, and sum up.
 */
export const pieceNames = ["onlyFirst", "first", "sum"] as const;

/** `[CLS] pieces [SEP]`, whole words alone. */
export interface AttentionRow {
  ids: number[];
  /** 1 at a token that may be attended to. */
  mask: number[];
  /** Of each token the place of its word in `words`, −1 where it does not count. */
  wordOf: number[];
  /** Whether a word begins at the token. */
  begins: boolean[];
  /** Distinct: words lower-cased, and what is no word. */
  words: string[];
  /** Of each of `words`, whether it is one. */
  isWord: boolean[];
}

/** How a text becomes a row. */
export interface RowOptions {
  /** Longest row, special tokens included; the text is cut before the first word that does not fit. */
  maxTokens: number;
  pieces: PieceAttention;
  words: WordKind;
}

/** No word of a text has these names. */
const [CLS, SEP] = [" [CLS]", " [SEP]"] as const;

const IS_WORD: Readonly<Record<WordKind, RegExp>> = {
  latin: /^\p{Script=Latin}+$/u,
  chinese: /^(\p{Script=Han}+|\p{Script=Latin}+)$/u,
};

/** The row of one text. */
export function attentionRow(
  tokenizer: Tokenizer,
  text: string,
  { maxTokens, pieces, words: kind }: RowOptions,
): AttentionRow {
  const row: AttentionRow = { ids: [], mask: [], wordOf: [], begins: [], words: [], isWord: [] };
  const places = new Map<string, number>();
  const placeOf = (word: string): number => {
    const known = places.get(word);
    if (known !== undefined) return known;
    places.set(word, row.words.length);
    row.words.push(word);
    row.isWord.push(IS_WORD[kind].test(word));
    return row.words.length - 1;
  };
  const push = ({ ids, first, word }: WordPieces) => {
    const place = placeOf(word);
    ids.forEach((id, i) => {
      row.ids.push(id);
      row.mask.push(Number(first[i]! || pieces !== "onlyFirst"));
      row.wordOf.push(first[i]! || pieces === "sum" ? place : -1);
      row.begins.push(i === 0);
    });
  };

  push({ ids: [tokenizer.clsId], first: [true], word: CLS });
  for (const word of wordPieces(tokenizer, text, kind)) {
    if (row.ids.length + word.ids.length + 1 > maxTokens) break;
    push(word);
  }
  push({ ids: [tokenizer.sepId], first: [true], word: SEP });
  return row;
}

interface WordPieces {
  ids: number[];
  /** Of each piece whether it is the first of a word as BERT parts them: each ideograph of a Chinese word is. */
  first: boolean[];
  /** As it stands in the text, lower-cased. */
  word: string;
}

/** The words of a text in order, punctuation too. */
function* wordPieces(tokenizer: Tokenizer, text: string, kind: WordKind): Generator<WordPieces> {
  const { ids, wordIds, starts, ends } = tokenizer.encodeWords(text);
  const joined = kind === "chinese" ? hanWords(text, starts) : undefined;
  const together = (a: number, b: number) =>
    wordIds[a] === wordIds[b] || (joined !== undefined && joined[a] !== -1 && joined[a] === joined[b]);
  for (let from = 0; from < ids.length; ) {
    let to = from + 1;
    while (to < ids.length && together(to - 1, to)) to++;
    const pieces = [...ids.subarray(from, to)];
    const first = pieces.map((_, i) => i === 0 || wordIds[from + i] !== wordIds[from + i - 1]);
    yield { ids: pieces, first, word: text.slice(starts[from], ends[to - 1]).toLowerCase() };
    from = to;
  }
}

let segmenter: Intl.Segmenter | undefined; // made when first needed: it loads a dictionary

/**
 * Of each piece the place of its Chinese word in the text, −1 outside of one: words as `chineseWords` of @propria/tokenizer parts them, where BERT
 * reads each ideograph for itself.
 */
function hanWords(text: string, starts: Int32Array): Int32Array {
  segmenter ??= new Intl.Segmenter("zh", { granularity: "word" });
  const words = new Int32Array(starts.length).fill(-1);
  let piece = 0;
  for (const run of text.matchAll(/\p{Script=Han}+/gu))
    for (const { segment, index } of segmenter.segment(run[0])) {
      const start = run.index + index;
      while (piece < starts.length && starts[piece]! < start) piece++;
      for (; piece < starts.length && starts[piece]! < start + segment.length; piece++) words[piece] = start;
    }
  return words;
}
