/**
 * Word sets before the document that they come from, as PROP and B-PROP read them: `[CLS] words [SEP] document [SEP]`.
 *
 * @see Ma et al., "PROP", WSDM 2021. https://arxiv.org/abs/2010.10137
 */
import type { Random } from "@propria/base";
import { type Document, documentText } from "@propria/collection";
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

/** What an objective over word sets lets its user choose: the members of a zod object, to spread into its options. */
export const wordSetOptions = {
  pairsPerDocument: z
    .number()
    .int()
    .positive()
    .default(5)
    .describe("pairs of word sets drawn from a document in an epoch (B-PROP's code makes 10)"),
  poissonMean: z
    .number()
    .gt(0)
    .max(100)
    .default(3)
    .describe("λ of the zero-truncated Poisson of a set's length, words"),
  dropTies: z
    .boolean()
    .default(true)
    .describe("leave out pairs of equal likelihood. Ours: the paper prefers the second set, which labels noise"),
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

/** What such an objective's options must fulfil: `z.object({ ...wordSetOptions }).refine(...learnsSomething)`. */
export const learnsSomething: readonly [(weights: Weights) => boolean, { path: string[]; message: string }] = [
  ({ rankingWeight, maskedWeight }) => rankingWeight + maskedWeight > 0,
  { path: ["maskedWeight"], message: "rankingWeight and maskedWeight are both 0, so nothing would be learnt" },
];

interface Weights {
  rankingWeight: number;
  maskedWeight: number;
}

/** Two word sets, the better one first. */
interface WordSetPair {
  preferred: { words: readonly string[] };
  other: { words: readonly string[] };
}

interface Shortness {
  shortDocumentTokens: number;
  shortDocumentSkip: number;
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
 * The rows of a document's pairs; none of one that is left out, and no rows of a pair whose words alone would fill them.
 *
 * @param pairs Draws the pairs, where the document is not left out.
 */
export function* wordSetExamples(
  document: Document,
  context: RowContext<Masking & Shortness>,
  pairs: () => Iterable<WordSetPair>,
): Iterable<WordSetRows> {
  const body = bodyOf(documentText(document), context);
  if (body.length === 0) return;
  for (const { preferred, other } of pairs()) {
    const rows = [preferred, other].map(({ words }) => rowOf(words, body, context));
    if (rows[0] && rows[1]) yield { preferred: rows[0], other: rows[1] };
  }
}

/**
 * The pieces that rows are filled with. None of a document that is short and drawn among those that are skipped: short by its own length, not
 * by the part of it that a short row reads.
 */
function bodyOf(text: string, { random, tokenizer, options, maxTokens }: RowContext<Shortness>): number[] {
  // A word has a piece at least: so many words fill any row, and tell a short document from one that is only read in part.
  const body = tokenizer.encode(firstWords(text, Math.max(maxTokens, options.shortDocumentTokens)));
  if (body.length < options.shortDocumentTokens && random() < options.shortDocumentSkip) return [];
  return body;
}

/** One row, masked for itself; only the document's end is ever cut. `undefined` where the words alone fill it. */
function rowOf(
  words: readonly string[],
  body: readonly number[],
  { random, tokenizer, options, maxTokens }: RowContext<Masking>,
): WordSetRow | undefined {
  const head = [tokenizer.clsId, ...tokenizer.encode(words.join(" ")), tokenizer.sepId];
  if (head.length + 1 >= maxTokens) return undefined;
  const { maskedWeight, maskRate: rate, maxMasked, wholeWords } = options;
  const inputIds = [...head, ...body.slice(0, maxTokens - head.length - 1), tokenizer.sepId];
  const tokenTypes = inputIds.map((_, i) => (i < head.length ? 0 : 1));
  if (maskedWeight === 0) return { inputIds, positions: [], labels: [], tokenTypes };
  const masking = { rate, maxMasked, wholeWords, budget: "words", from: head.length } as const;
  return { ...maskTokens(inputIds, { random, tokenizer }, masking), tokenTypes };
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
