/** A query and a document to one row of token ids: `[CLS] query [SEP] document [SEP]`. */
import { PropriaError } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";

/** One input of a cross-encoder. */
export interface PairRow {
  ids: number[];
  /** How many of the ids, from the left, are of segment 0: [CLS], the query and its [SEP]. The rest is of segment 1. */
  querySegment: number;
}

/** How long a pair may be. */
export interface PairLimits {
  /** The query's first pieces that are kept. */
  queryTokens: number;
  /** The whole row, special tokens included; the document is cut to fit, never the query. */
  maxTokens: number;
}

/** [CLS] and two [SEP]. */
const SPECIAL_TOKENS = 3;

/**
 * Pieces of a query that are read when nothing else is said: 64, but at most half of a pair. Bing's and MARCO's queries
 * have under 20. Ours; ARES' code cuts at 15, which loses the end of a long question.
 */
export const defaultQueryTokens = (maxTokens: number): number => Math.min(64, Math.floor(maxTokens / 2) - 2);

/**
 * Refuses limits under which a query could leave no room for any of the document.
 *
 * @throws {PropriaError} `PAIR_LIMITS`.
 */
export function checkLimits({ queryTokens, maxTokens }: PairLimits): void {
  if (queryTokens + SPECIAL_TOKENS >= maxTokens)
    throw new PropriaError("PAIR_LIMITS", `${queryTokens} query tokens leave no room for a document in ${maxTokens}`, {
      at: "queryTokens",
      mend: `at most ${maxTokens - SPECIAL_TOKENS - 1}`,
    });
}

/** The query's pieces that enter a pair. */
export const queryPieces = (tokenizer: Tokenizer, query: string, { queryTokens }: PairLimits): number[] =>
  firstPieces(tokenizer, query, queryTokens);

/** The row of a query's pieces and a document's text, cut at the document's end. */
export function packPair(
  tokenizer: Tokenizer,
  queryIds: readonly number[],
  document: string,
  { maxTokens }: PairLimits,
): PairRow {
  const room = maxTokens - SPECIAL_TOKENS - queryIds.length;
  const documentIds = firstPieces(tokenizer, document, room);
  const { clsId, sepId } = tokenizer;
  return { ids: [clsId, ...queryIds, sepId, ...documentIds, sepId], querySegment: queryIds.length + 2 };
}

/** The segment of each id of a row. */
export const segmentsOf = ({ ids, querySegment }: PairRow): number[] => ids.map((_, i) => (i < querySegment ? 0 : 1));

const CHARACTERS_PER_PIECE = 8; // English has 4 to 5; more is read where that was not enough

/** The first `count` pieces of a text, without reading much more of it: it is cut where a word ends, and words are pieced alone. */
export function firstPieces(tokenizer: Tokenizer, text: string, count: number): number[] {
  for (let characters = count * CHARACTERS_PER_PIECE; ; characters *= 4) {
    const cut = text.slice(characters).search(/[ \t\n\r]/); // in other white space BERT's tokenizer may see none
    const whole = characters >= text.length || cut < 0;
    const ids = tokenizer.encode(whole ? text : text.slice(0, characters + cut));
    if (whole || ids.length >= count) return ids.length > count ? ids.slice(0, count) : ids;
  }
}
