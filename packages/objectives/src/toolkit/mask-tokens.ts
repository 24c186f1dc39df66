import type { Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import { wordsOf } from "./words.ts";

export interface MaskingOptions {
  /** Share of the candidates that is masked. */
  rate?: number;
  /** Most pieces masked in one row. */
  maxMasked?: number;
  /** Mask all pieces of a word or none. */
  wholeWords?: boolean;
  /** What `rate` is a share of where whole words are masked: the pieces that may be, as in BERT's code (default), or the words, as in PROP's. */
  budget?: "pieces" | "words";
  /** Index of the first piece that may be masked. */
  from?: number;
}

/** A row with some pieces hidden, and what stood there. */
export interface MaskedRow {
  inputIds: number[];
  /** Rising places in the row. */
  positions: number[];
  /** The ids that stood there. */
  labels: number[];
}

/** BERT's share of the candidates, and the most pieces that PROP's code masks in a row. */
export const MASK_RATE = 0.15;
export const MAX_MASKED = 60;

const MASK_SHARE = 0.8; // of the chosen pieces become [MASK],
const KEEP_SHARE = 0.1; // these stay, and the others become any piece of the vocabulary

/**
 * Hides tokens as BERT does: of the chosen pieces 80 % become [MASK], 10 % stay and 10 % become a random piece of the whole
 * vocabulary, each decided for itself.
 *
 * Chosen are `min(maxMasked, max(1, round(rate · candidates)))` pieces. Candidates are all pieces but the special tokens ([UNK] among
 * them: it is nothing to predict; BERT's code counts [CLS] and [SEP] too, and never takes them). With `wholeWords` a word whose pieces
 * exceed what is left of the budget is passed over, as in the code of BERT and of PROP; the budget is a share of the pieces, as in the
 * code of BERT and of Condenser, or with `budget: "words"` of the words, as in PROP's: of 1.6 pieces a word, 15 % are then 9 % of the pieces.
 *
 * @param ids Piece ids of one row, special tokens in place.
 * @see Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019, §3.1. https://arxiv.org/abs/1810.04805
 */
export function maskTokens(
  ids: readonly number[],
  { random, tokenizer }: { random: Random; tokenizer: Tokenizer },
  {
    rate = MASK_RATE,
    maxMasked = MAX_MASKED,
    wholeWords = false,
    budget: of = "pieces",
    from = 0,
  }: MaskingOptions = {},
): MaskedRow {
  const candidates = candidatesOf(ids, from, wholeWords, tokenizer);
  const counted = of === "words" ? candidates.length : candidates.reduce((sum, { length }) => sum + length, 0);
  const budget = Math.min(maxMasked, Math.max(1, Math.round(rate * counted)));
  const positions: number[] = [];
  for (const chosen of random.permutation(candidates.length)) {
    if (positions.length === budget) break;
    const pieces = candidates[chosen]!;
    if (positions.length + pieces.length <= budget) positions.push(...pieces);
  }
  positions.sort((a, b) => a - b);
  const inputIds = [...ids];
  for (const position of positions) {
    const draw = random();
    if (draw < MASK_SHARE) inputIds[position] = tokenizer.maskId;
    else if (draw >= MASK_SHARE + KEEP_SHARE) inputIds[position] = random.int(tokenizer.size);
  }
  return { inputIds, positions, labels: positions.map((position) => ids[position]!) };
}

/** Groups of places that are masked together. */
function candidatesOf(ids: readonly number[], from: number, wholeWords: boolean, tokenizer: Tokenizer): number[][] {
  const rest = ids.slice(from);
  const groups = wholeWords ? wordsOf(rest, tokenizer) : rest.map((_, i) => ({ start: i, end: i + 1 }));
  return groups
    .filter(({ start }) => !tokenizer.specialIds.has(rest[start]!))
    .map(({ start, end }) => Array.from({ length: end - start }, (_, i) => from + start + i));
}
