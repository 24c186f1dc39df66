import { setImmediate } from "node:timers/promises";
import { PropriaError } from "@propria/base";
import { LONGEST_WORD, SPECIAL_TOKENS } from "../definition.ts";
import { textOptions } from "../text-options.ts";
import { isIdeograph, isPunctuation } from "../unicode.ts";
import { CONTINUATION } from "../word-piece.ts";
import { countWords } from "./count-words.ts";
import { Merges } from "./merges.ts";

/** Characters in the vocabulary at least, unless asked otherwise; Hugging Face's trainer has the same. */
const ALPHABET_SIZE = 1000;

/** Share of a text's characters that the alphabet holds: 75 characters do for English, 6,500 for Chinese. A guess. */
const COVERAGE = 0.9995;

/** So many entries the alphabet may have even when that is more than half of the vocabulary. */
const SMALL_ALPHABET = 200;

/** Merges between two turns of the event loop and reports of progress. */
const REPORT_EVERY = 64;

/** How far a training is. */
export interface TrainingProgress {
  stage: "counting" | "merging";
  /** Texts read, or entries that the vocabulary has. */
  done: number;
  /** Entries to reach; absent while counting. */
  total?: number;
}

export interface TrainOptions {
  /** Entries of the vocabulary, special tokens included. */
  size: number;
  /** A pair that occurs less often is not merged. Default: 2. */
  minFrequency?: number;
  /** Default: true. */
  lowercase?: boolean;
  /**
   * Characters in the vocabulary at most, the most frequent first. Default: as many as make 99.95 % of the text, 1000 at least, and no more
   * than fill half of the vocabulary. Chinese ideographs are words of one character, and those outside are [UNK].
   */
  alphabetSize?: number;
  onProgress?: (progress: TrainingProgress) => void;
}

/**
 * Trains a WordPiece vocabulary: special tokens, then the alphabet, then pieces in the order in which their pairs were
 * merged, always the most frequent pair next (of equals, the first by the strings of its pieces).
 *
 * The same texts give the same vocabulary (in any order, up to four million distinct words). Any word over the alphabet can be cut: characters stand in it
 * as a beginning and as a continuation. Words with a character outside the alphabet are left out of the counts.
 * Memory grows with the distinct words, up to four million.
 *
 * @param texts Read once.
 * @returns     At most `size` tokens; fewer when no pair is frequent enough.
 * @throws {PropriaError} `VOCABULARY_SIZE` when the alphabet does not fit, `EMPTY_CORPUS` when there are no words.
 * @see Schuster and Nakajima, "Japanese and Korean voice search", ICASSP 2012; the merges are those of Sennrich et al.,
 *      "Neural Machine Translation of Rare Words with Subword Units", ACL 2016, as in Hugging Face's WordPiece trainer.
 */
export async function trainVocabulary(
  texts: AsyncIterable<string>,
  { size, minFrequency = 2, lowercase = true, alphabetSize, onProgress = () => {} }: TrainOptions,
): Promise<string[]> {
  const room = size - SPECIAL_TOKENS.length;
  if (!Number.isInteger(size) || room < 1) throw tooSmall(size, SPECIAL_TOKENS.length + 1);
  const { words, characters } = await countWords(texts, textOptions({ lowercase }), {
    onText: (done) => onProgress({ stage: "counting", done }),
  });
  if (words.size === 0) throw new PropriaError("EMPTY_CORPUS", "no words to train a vocabulary on");

  const alphabet = chooseAlphabet(characters, size, alphabetSize);
  const merges = new Merges(alphabet.flatMap(forms).sort(), wordsOver(alphabet, words), minFrequency);
  words.clear();
  for (let merged = 0; merges.tokens.length < room && merges.mergeNext(); merged++) {
    if (merged % REPORT_EVERY !== 0) continue;
    onProgress({ stage: "merging", done: SPECIAL_TOKENS.length + merges.tokens.length, total: size });
    await setImmediate();
  }
  const vocabulary = [...SPECIAL_TOKENS, ...merges.tokens];
  onProgress({ stage: "merging", done: vocabulary.length, total: size });
  return vocabulary;
}

/** The most frequent characters, of equals the first by code point, as many as are asked for or as fit. */
function chooseAlphabet(characters: ReadonlyMap<string, number>, size: number, asked: number | undefined): string[] {
  const room = size - SPECIAL_TOKENS.length;
  const entries = asked === undefined ? Math.min(room, Math.max(SMALL_ALPHABET, size / 2)) : room;
  const byFrequency = [...characters].sort(([a, m], [b, n]) => n - m || a.codePointAt(0)! - b.codePointAt(0)!);
  const chosen: string[] = [];
  let used = 0;
  for (const [character] of byFrequency.slice(0, asked ?? Math.max(ALPHABET_SIZE, covering(byFrequency)))) {
    used += forms(character).length;
    if (used > entries && asked !== undefined) throw tooSmall(size, SPECIAL_TOKENS.length + used);
    if (used > entries) break;
    chosen.push(character);
  }
  return chosen;
}

/** How many of the first make `COVERAGE` of all. */
function covering(byFrequency: readonly [string, number][]): number {
  const total = byFrequency.reduce((sum, [, count]) => sum + count, 0);
  let covered = 0;
  let characters = 0;
  while (covered < COVERAGE * total) covered += byFrequency[characters++]![1];
  return characters;
}

/** The pieces of a single character: what stands alone continues no word. */
function forms(character: string): string[] {
  const codePoint = character.codePointAt(0)!;
  return isPunctuation(codePoint) || isIdeograph(codePoint) ? [character] : [character, CONTINUATION + character];
}

function wordsOver(alphabet: readonly string[], words: ReadonlyMap<string, number>): Map<string, number> {
  const known = new Set(alphabet);
  const cuttable = ([word]: [string, number]) => {
    const characters = [...word];
    return characters.length <= LONGEST_WORD && characters.every((character) => known.has(character));
  };
  return new Map([...words].filter(cuttable));
}

const tooSmall = (size: number, least: number) =>
  new PropriaError("VOCABULARY_SIZE", `a vocabulary of ${size} entries is too small`, {
    mend: `ask for ${least} or more, or for a smaller alphabet`,
  });
