import { PropriaError } from "@propria/base";
import { LONGEST_WORD, SPECIAL_TOKENS, type TokenizerDefinition } from "./definition.ts";
import { loadDefinition } from "./files/load.ts";
import { saveDefinition } from "./files/save.ts";
import { normalize } from "./normalize.ts";
import { preTokenize } from "./pre-tokenize.ts";
import { type TextOptions, textOptions } from "./text-options.ts";
import { isIdeograph, isPunctuation } from "./unicode.ts";
import { EMPTY_HASH, foldUnit, LONGEST_KEPT, type Pieces, WordCache } from "./word-cache.ts";
import { CONTINUATION, type PieceTable, pieceTable, wordPiece } from "./word-piece.ts";

/** The pieces of a text with what stands behind them; all four arrays are as long as there are pieces. */
export interface Encoding {
  /** Piece ids, without special tokens around them. */
  ids: Int32Array;
  /** Which word of the text each piece belongs to, from 0; pieces of one word stand together. */
  wordIds: Int32Array;
  /** Where each piece begins in the text given, in UTF-16 units. */
  starts: Int32Array;
  /** Where each piece ends in the text given, in UTF-16 units, exclusive. */
  ends: Int32Array;
}

const BLANK = 1;
const ALONE = 2; // one unit that is a word: ASCII punctuation, an ideograph
const UNITS = 0x10000;

/**
 * BERT's WordPiece: the same ids as Hugging Face's `tokenizers`, from a text of any characters.
 *
 * Invariant: the vocabulary holds every special token.
 */
export class Tokenizer {
  readonly definition: TokenizerDefinition;
  /** Tokens by id. */
  readonly vocabulary: readonly string[];
  /** Entries of the vocabulary. */
  readonly size: number;
  readonly padId: number;
  readonly unknownId: number;
  readonly clsId: number;
  readonly sepId: number;
  readonly maskId: number;
  /** Ids of the special and added tokens. */
  readonly specialIds: ReadonlySet<number>;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #table: PieceTable;
  readonly #addedTokens: RegExp;
  readonly #continuations: Uint8Array;
  readonly #classes = new Uint8Array(UNITS); // by UTF-16 unit: 0, BLANK or ALONE
  readonly #lone = new Int32Array(UNITS); // id of a unit that is ALONE
  #cache: WordCache | undefined;

  /**
   * Reads a vocabulary: `vocab.txt` (with the options in a `tokenizer_config.json` beside it, if there is one; else
   * lower-cased), `tokenizer.json`, or a folder that holds one of them. Truncation, padding and the template of
   * special tokens in `tokenizer.json` are ignored: encoding adds and cuts nothing.
   *
   * @throws {PropriaError} `TOKENIZER_FILE` when there is none or it is damaged, `TOKENIZER_OPTION` when it is not
   *         BERT's WordPiece, `SPECIAL_TOKEN` when it lacks one.
   */
  static async load(path: string): Promise<Tokenizer> {
    return new Tokenizer(await loadDefinition(path), path);
  }

  /**
   * A tokenizer of a vocabulary in memory.
   *
   * @param tokens  By id. Of a token listed twice the last id counts.
   * @param options `{ lowercase: false }` for a cased vocabulary.
   * @throws {PropriaError} `SPECIAL_TOKEN` when the vocabulary lacks one.
   */
  static fromVocabulary(tokens: readonly string[], options: Partial<TextOptions> = {}): Tokenizer {
    const text = textOptions(options);
    return new Tokenizer({
      tokens: [...tokens],
      addedTokens: SPECIAL_TOKENS,
      outside: new Set(),
      text,
      longestWord: LONGEST_WORD,
    });
  }

  private constructor(definition: TokenizerDefinition, at?: string) {
    const { tokens, addedTokens, outside, longestWord } = definition;
    this.definition = definition;
    this.vocabulary = tokens;
    this.size = tokens.length;
    const ids = new Map(tokens.map((token, id) => [token, id])); // of a token listed twice, the last
    this.#ids = ids;
    const special = (token: (typeof SPECIAL_TOKENS)[number]) => {
      const id = ids.get(token);
      if (id === undefined) throw lacks(token, at);
      return id;
    };
    this.padId = special("[PAD]");
    this.unknownId = special("[UNK]");
    this.clsId = special("[CLS]");
    this.sepId = special("[SEP]");
    this.maskId = special("[MASK]");
    this.specialIds = new Set([...SPECIAL_TOKENS, ...addedTokens].map((token) => ids.get(token)!));
    this.#table = pieceTable(
      tokens.map((token) => (outside.has(token) ? "" : token)),
      this.unknownId,
      longestWord,
    );
    this.#addedTokens = anyOf(addedTokens);
    this.#continuations = Uint8Array.from(tokens, (token) => Number(isContinuationToken(token)));
    this.#classifyUnits();
  }

  /** Piece ids of a text, without special tokens around them; a special token written in the text is that token. */
  encode(text: string): number[] {
    const ids: number[] = [];
    this.#scan(text, ids, undefined);
    return ids;
  }

  /**
   * Piece ids with the words and places behind them. Words are parted at white space; punctuation, ideographs and
   * special tokens are words of their own. A place covers the characters that a piece was made of: an accent that was
   * dropped at a word's end is outside.
   */
  encodeWords(text: string): Encoding {
    const ids: number[] = [];
    const spans: number[] = [];
    this.#scan(text, ids, spans);
    const count = ids.length;
    const wordIds = new Int32Array(count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      wordIds[i] = spans[3 * i]!;
      starts[i] = spans[3 * i + 1]!;
      ends[i] = spans[3 * i + 2]!;
    }
    return { ids: Int32Array.from(ids), wordIds, starts, ends };
  }

  /** Whether a piece continues a word (`##…`). */
  isContinuation(id: number): boolean {
    return this.#continuations[id] === 1;
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }

  /** The token of an id, `##` included. */
  tokenOf(id: number): string {
    const token = this.vocabulary[id];
    if (token === undefined) throw new RangeError(`no token ${id} in a vocabulary of ${this.size}`);
    return token;
  }

  /**
   * Writes `vocab.txt`, `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`, which `transformers`
   * loads. Each is written beside and renamed.
   */
  async save(folder: string): Promise<void> {
    await saveDefinition(folder, this.definition);
  }

  /** Cuts the text at special tokens, white space, ASCII punctuation and ideographs; what is between comes from the cache. */
  #scan(text: string, ids: number[], spans: number[] | undefined): void {
    let words = 0;
    let from = 0;
    this.#addedTokens.lastIndex = 0;
    for (let match = this.#addedTokens.exec(text); match; match = this.#addedTokens.exec(text)) {
      words = this.#scanBetween(text, from, match.index, ids, spans, words);
      from = match.index + match[0].length;
      ids.push(this.#ids.get(match[0])!);
      spans?.push(words, match.index, from);
      words++;
    }
    this.#scanBetween(text, from, text.length, ids, spans, words);
  }

  /** Appends the pieces of `text[from, to)`; gives the number of words there are then. */
  #scanBetween(
    text: string,
    from: number,
    to: number,
    ids: number[],
    spans: number[] | undefined,
    words: number,
  ): number {
    const classes = this.#classes;
    this.#cache ??= new WordCache();
    const cache = this.#cache;
    for (let at = from; at < to; ) {
      let unit = text.charCodeAt(at);
      const kind = classes[unit]!;
      if (kind === BLANK) {
        at++;
        continue;
      }
      if (kind === ALONE) {
        ids.push(this.#lone[unit]!);
        if (spans) spans.push(words, at, at + 1);
        words++;
        at++;
        continue;
      }
      const start = at;
      let hash = EMPTY_HASH;
      do {
        hash = foldUnit(hash, unit);
        unit = ++at < to ? text.charCodeAt(at) : 0x20;
      } while (classes[unit] === 0);
      if (at - start > LONGEST_KEPT) {
        words = appendPieces(this.#cut(text.slice(start, at)), start, ids, spans, words);
        continue;
      }
      let entry = cache.find(text, start, at, hash);
      if (entry < 0) {
        cache.keep(text, start, at, hash, this.#cut(text.slice(start, at)));
        entry = cache.find(text, start, at, hash);
      }
      const end = cache.endPiece(entry);
      const first = cache.firstPiece(entry);
      for (let piece = first; piece < end; piece++) ids.push(cache.ids[piece]!);
      if (spans) {
        for (let piece = first; piece < end; piece++) {
          const span = cache.spans[piece]!;
          spans.push(words + (span & 0xff), start + ((span >>> 8) & 0xff), start + (span >>> 16));
        }
      }
      if (end > first) words += (cache.spans[end - 1]! & 0xff) + 1;
    }
    return words;
  }

  /** The whole pipeline on a stretch of text: normalize, part into words, cut into pieces. */
  #cut(stretch: string): Pieces {
    const pieces: Pieces = { ids: [], words: [], starts: [], ends: [] };
    const normalized = normalize(stretch, this.definition.text);
    for (const [index, word] of preTokenize(normalized.text).entries()) {
      wordPiece(normalized.text.slice(word.start, word.end), this.#table, (id, start, end) => {
        pieces.ids.push(id);
        pieces.words.push(index);
        pieces.starts.push(normalized.starts[word.start + start]!);
        pieces.ends.push(normalized.ends[word.start + end - 1]!);
      });
    }
    return pieces;
  }

  /**
   * Cutting a text before and after such a unit changes nothing of the result: they are words of their own, or part
   * words, whatever stands beside them, and no accent is composed across them.
   */
  #classifyUnits(): void {
    for (const blank of " \t\n\r") this.#classes[blank.charCodeAt(0)] = BLANK;
    const alone = (unit: number) => {
      this.#classes[unit] = ALONE;
      this.#lone[unit] = this.#table.first.get(String.fromCharCode(unit)) ?? this.unknownId;
    };
    for (let unit = 0; unit < 0x80; unit++) if (isPunctuation(unit)) alone(unit);
    if (!this.definition.text.splitIdeographs) return;
    for (let unit = 0x3400; unit < 0xa000; unit++) if (isIdeograph(unit)) alone(unit); // the blocks without decompositions
  }
}

function appendPieces(
  pieces: Pieces,
  start: number,
  ids: number[],
  spans: number[] | undefined,
  words: number,
): number {
  for (let i = 0; i < pieces.ids.length; i++) {
    ids.push(pieces.ids[i]!);
    spans?.push(words + pieces.words[i]!, start + pieces.starts[i]!, start + pieces.ends[i]!);
  }
  return words + (pieces.words.at(-1) ?? -1) + 1;
}

const isContinuationToken = (token: string): boolean =>
  token.length > CONTINUATION.length && token.startsWith(CONTINUATION);

/** Matches the leftmost token, of those that begin there the longest. */
function anyOf(tokens: readonly string[]): RegExp {
  const longestFirst = [...tokens].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
}

const lacks = (token: string, at: string | undefined) =>
  new PropriaError("SPECIAL_TOKEN", `the vocabulary lacks ${token}`, {
    ...(at === undefined ? {} : { at }),
    mend: `it must hold ${SPECIAL_TOKENS.join(" ")}; \`propria vocab\` puts them first`,
  });
