/** A text as an encoder reads it, with the words whose attention is asked for. */
import type { Tokenizer } from "@propria/tokenizer";
import type { WordKind } from "../word-numbers.ts";

/** Which pieces of a word the encoder sees, and which speak for it. */
export type PieceAttention = (typeof pieceNames)[number];

/** `"onlyFirst"`: all attention passes over the continuations of words, as in the code; `"first"` and `"sum"`: the encoder sees all pieces. */
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
  chinese: /^\p{L}+$/u,
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
  const push = (pieceIds: readonly number[], word: string) => {
    const place = placeOf(word);
    pieceIds.forEach((id, i) => {
      row.ids.push(id);
      row.mask.push(Number(i === 0 || pieces !== "onlyFirst"));
      row.wordOf.push(i === 0 || pieces === "sum" ? place : -1);
      row.begins.push(i === 0);
    });
  };

  push([tokenizer.clsId], CLS);
  for (const { ids, word } of wordPieces(tokenizer, text, kind)) {
    if (row.ids.length + ids.length + 1 > maxTokens) break;
    push(ids, word);
  }
  push([tokenizer.sepId], SEP);
  return row;
}

interface WordPieces {
  ids: number[];
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
    yield { ids: [...ids.subarray(from, to)], word: text.slice(starts[from], ends[to - 1]).toLowerCase() };
    from = to;
  }
}

/** Of each piece the place of its Chinese word in the text, by ICU's segmentation; −1 outside of one. BERT reads each ideograph for itself. */
function hanWords(text: string, starts: Int32Array): Int32Array {
  const words = new Int32Array(starts.length).fill(-1);
  let piece = 0;
  for (const { segment, index } of new Intl.Segmenter("zh", { granularity: "word" }).segment(text)) {
    const end = index + segment.length;
    const han = /^\p{Script=Han}+$/u.test(segment);
    for (; piece < starts.length && starts[piece]! < end; piece++) if (han) words[piece] = index;
  }
  return words;
}
