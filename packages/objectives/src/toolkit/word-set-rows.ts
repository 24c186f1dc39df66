/**
 * Word sets before the document that they come from, as PROP and B-PROP read them: `[CLS] words [SEP] document [SEP]`.
 *
 * @see Ma et al., "PROP", WSDM 2021. https://arxiv.org/abs/2010.10137
 */
import type { Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import { z } from "zod";
import type { CollateContext } from "../define-objective.ts";
import { MASK_RATE, MAX_MASKED, type MaskedRow, maskTokens } from "./mask-tokens.ts";
import { collateMasks } from "./masked-token-loss.ts";
import { pairwiseLossNames } from "./pairwise-losses.ts";

/** `[CLS] words [SEP] document [SEP]`, segment 1 from the document on; with masks in it where the masked language model takes part. */
export interface WordSetRow extends MaskedRow {
  tokenTypes: number[];
}

/** Two rows of one document; `preferred` has the word set that represents it better. */
export interface WordSetRows {
  preferred: WordSetRow;
  other: WordSetRow;
}

/** What an objective over such rows lets its user choose: the members of a zod object, to spread into its options. */
export const wordSetRowOptions = {
  shortDocumentSkip: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe("share of the short documents left out, anew in each epoch. Of the code"),
  rankingLoss: z
    .enum(pairwiseLossNames)
    .default("softmaxMargin")
    .describe(
      "loss of the two scores: of their softmax with margin 1, as in the code; the hinge that the paper prints; or RankNet's",
    ),
  rankingWeight: z
    .number()
    .nonnegative()
    .default(1)
    .describe(
      "weight of the ranking loss; 0: the masked language model alone, on the same rows, without a ranking head",
    ),
  maskedWeight: z
    .number()
    .nonnegative()
    .default(1)
    .describe(
      "weight of the masked language model's loss; 0: the ranking loss alone, where nothing is masked, without the masked language model's head",
    ),
  maskRate: z
    .number()
    .gt(0)
    .lt(1)
    .default(MASK_RATE)
    .describe(
      "share of the document's pieces that is masked; of its words where whole ones are, as in the code (BERT's counts pieces there too)",
    ),
  maxMasked: z.number().int().positive().default(MAX_MASKED).describe("most pieces masked in a row. Of the code"),
  wholeWords: z.boolean().default(true).describe("mask all pieces of a word or none. Of the code"),
};

/** What such an objective's options must fulfil: `z.object({ ...wordSetRowOptions }).refine(...learnsSomething)`. */
export const learnsSomething: readonly [(weights: Weights) => boolean, { path: string[]; message: string }] = [
  ({ rankingWeight, maskedWeight }) => rankingWeight + maskedWeight > 0,
  { path: ["maskedWeight"], message: "rankingWeight and maskedWeight are both 0, so nothing would be learnt" },
];

interface Weights {
  rankingWeight: number;
  maskedWeight: number;
}

interface Masking {
  maskedWeight: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

interface RowContext<Options> {
  random: Random;
  tokenizer: Tokenizer;
  options: Options;
  /** The longest row, special tokens included. */
  maxTokens: number;
}

/**
 * The pieces of a document that rows are filled with. None for one that is left out: short, and drawn among those that are skipped.
 *
 * A document is short by its own length, not by the part of it that a short row reads.
 */
export function rowBody(
  text: string,
  { random, tokenizer, options, maxTokens }: RowContext<{ shortDocumentTokens: number; shortDocumentSkip: number }>,
): number[] {
  // A word has a piece at least: so many words fill any row, and tell a short document from one that is only read in part.
  const body = tokenizer.encode(firstWords(text, Math.max(maxTokens, options.shortDocumentTokens)));
  if (body.length < options.shortDocumentTokens && random() < options.shortDocumentSkip) return [];
  return body;
}

/**
 * The rows of two word sets, each masked for itself. Only the document's end is ever cut.
 *
 * @param body The document's pieces, from {@link rowBody}.
 * @returns    `undefined` where the words alone fill the row.
 */
export function wordSetRows(
  body: readonly number[],
  { preferred, other }: { preferred: { words: readonly string[] }; other: { words: readonly string[] } },
  { random, tokenizer, options, maxTokens }: RowContext<Masking>,
): WordSetRows | undefined {
  const row = (words: readonly string[]): WordSetRow | undefined => {
    const head = [tokenizer.clsId, ...tokenizer.encode(words.join(" ")), tokenizer.sepId];
    const kept = body.slice(0, maxTokens - head.length - 1);
    if (head.length + 1 >= maxTokens) return undefined;
    const { maskedWeight, maskRate: rate, maxMasked, wholeWords } = options;
    const inputIds = [...head, ...kept, tokenizer.sepId];
    const tokenTypes = inputIds.map((_, i) => (i < head.length ? 0 : 1));
    if (maskedWeight === 0) return { inputIds, positions: [], labels: [], tokenTypes };
    const masking = { rate, maxMasked, wholeWords, budget: "words", from: head.length } as const;
    return { ...maskTokens(inputIds, { random, tokenizer }, masking), tokenTypes };
  };
  const rows = [row(preferred.words), row(other.words)];
  return rows[0] && rows[1] ? { preferred: rows[0], other: rows[1] } : undefined;
}

/** Pairs of rows to arrays `[2B, T]`: rows of a pair are neighbours, the preferred first. Without masks where there are none. */
export function collateWordSetRows(
  examples: readonly WordSetRows[],
  { pad, options }: { pad: CollateContext<unknown>["pad"]; options: Omit<Masking, "wholeWords"> },
) {
  const rows = examples.flatMap(({ preferred, other }) => [preferred, other]);
  const text = pad(
    rows.map((row) => row.inputIds),
    { tokenTypes: rows.map((row) => row.tokenTypes) },
  );
  if (options.maskedWeight === 0) return { text };
  const masks = collateMasks(rows, text.inputIds.shape[1], { rate: options.maskRate, maxMasked: options.maxMasked });
  return { text, masks };
}

/** The text up to the end of its `count`-th word, words parted by white space. */
function firstWords(text: string, count: number): string {
  const word = /\S+/g;
  for (let i = 0; i < count; i++) if (!word.test(text)) return text;
  return text.slice(0, word.lastIndex);
}
