/**
 * The Inverse Cloze Task's examples: a sentence and the block of text that it comes from.
 *
 * @see Lee et al., "Latent Retrieval for Weakly Supervised Open Domain Question Answering", ACL 2019. https://arxiv.org/abs/1906.00300
 */
import { PropriaError } from "@propria/base";
import type { Document } from "@propria/collection";
import { z } from "zod";
import type { CollateContext, ExampleContext } from "../define-objective.ts";
import { MASK_RATE, MAX_MASKED, type MaskedRow, maskTokens } from "./mask-tokens.ts";
import { collateMasks } from "./masked-token-loss.ts";

/** What an objective over clozes lets its user choose: the members of a zod object, to spread into its options. Defaults are ORQA's. */
export const clozeOptions = {
  removal: z.number().min(0).max(1).default(0.9).describe("probability that the sentence is taken out of its block"),
  queryTokens: z.number().int().min(3).default(64).describe("longest sentence, special tokens included"),
  blockTokens: z
    .number()
    .int()
    .min(8)
    .default(288)
    .describe("longest block, title and special tokens included, where a row is not shorter"),
  blocks: z
    .enum(["one", "all"])
    .default("one")
    .describe("of a document of several blocks: one at random, another in each epoch; or all, as in ORQA. A guess"),
  titles: z.boolean().default(true).describe("put the document's title before the block"),
  language: z.string().default("en").describe("whose rules part the sentences, as a BCP 47 tag. Ours"),
  contrastiveWeight: z.number().nonnegative().default(1).describe("weight of the contrastive loss"),
  maskedWeight: z
    .number()
    .nonnegative()
    .default(0)
    .describe(
      "weight of the masked language model's loss on sentences and on blocks; 0 in ORQA, 1 in the Transformer_ICT of PROP's tables. Where it starts fresh, its head takes most of the clipped gradient",
    ),
  maskRate: z.number().gt(0).lt(1).default(MASK_RATE).describe("share of the pieces that is masked"),
  maxMasked: z.number().int().positive().default(MAX_MASKED).describe("most pieces masked in a row. A guess: PROP's"),
};

interface ClozeOptions {
  queryTokens: number;
  blockTokens: number;
  blocks: "one" | "all";
  removal: number;
  titles: boolean;
  language: string;
  maskedWeight: number;
  maskRate: number;
  maxMasked: number;
}

/** `[CLS] sentence [SEP]` and `[CLS] title [SEP] block [SEP]`; with masks where the masked language model takes part. */
export interface Cloze {
  query: Row;
  block: Row;
  /** Whether the sentence was taken out of its block. */
  removed: boolean;
}

type Row = Pick<MaskedRow, "inputIds"> & Partial<MaskedRow>;

const MOST_TITLE = 0.5; // of a block's row, so that a title never displaces the whole block

const LEAST_TOKENS = 8; // of a row: [CLS] title [SEP] block [SEP], half of it title

/**
 * A sentence and the block around it: of one block of the document, another in each epoch, or of all.
 *
 * @throws {PropriaError} `MAX_TOKENS` when a row is too short for a title and a block.
 */
export function* clozes(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ClozeOptions, undefined>,
): Iterable<Cloze> {
  const { clsId, sepId } = tokenizer;
  if (maxTokens < LEAST_TOKENS)
    throw new PropriaError("MAX_TOKENS", `${maxTokens} tokens a row do not hold a title and a block of text`, {
      at: "maxTokens",
      mend: `give at least ${LEAST_TOKENS}`,
    });
  const width = Math.min(options.blockTokens, maxTokens);
  const title = options.titles ? tokenizer.encode(document.title ?? "").slice(0, Math.floor(width * MOST_TITLE)) : [];
  const head = title.length > 0 ? [clsId, ...title, sepId] : [clsId];
  const sentences = sentencesOf(document.text, options.language)
    .map((sentence) => tokenizer.encode(sentence))
    .filter((ids) => ids.some((id) => !tokenizer.specialIds.has(id)));
  const blocks = blocksOf(sentences, width - head.length - 1);
  const chosen = options.blocks === "all" || blocks.length === 0 ? blocks : [blocks[random.int(blocks.length)]!];

  const row = (ids: number[]): Row =>
    options.maskedWeight === 0
      ? { inputIds: ids }
      : maskTokens(ids, { random, tokenizer }, { rate: options.maskRate, maxMasked: options.maxMasked });
  for (const block of chosen) {
    const query = block[random.int(block.length)]!.slice(0, Math.min(options.queryTokens, maxTokens) - 2);
    const removed = random() < options.removal;
    const left = removed ? block.filter((sentence) => !contains(sentence, query)).flat() : block.flat();
    if (left.length === 0) continue; // a block of one sentence is kept with it alone
    if (removed && contains([...head, ...left], query)) continue; // in the title, or across two sentences
    yield { query: row([clsId, ...query, sepId]), block: row([...head, ...left, sepId]), removed };
  }
}

/** Clozes to arrays `[B, T]` of either side; with masks where the masked language model takes part. */
export function collateClozes(
  examples: readonly Cloze[],
  { pad, options }: CollateContext<Pick<ClozeOptions, "maskedWeight" | "maskRate" | "maxMasked">>,
) {
  const side = (rows: readonly Row[]) => {
    const text = pad(rows.map(({ inputIds }) => inputIds));
    if (options.maskedWeight === 0) return { text };
    const masked = rows.map(({ inputIds, positions = [], labels = [] }) => ({ inputIds, positions, labels }));
    const masking = { rate: options.maskRate, maxMasked: options.maxMasked };
    return { text, masks: collateMasks(masked, text.inputIds.shape[1], masking) };
  };
  return { query: side(examples.map(({ query }) => query)), block: side(examples.map(({ block }) => block)) };
}

/** The sentences of a text, by Unicode's rules for a language. */
function sentencesOf(text: string, language: string): string[] {
  const segments = new Intl.Segmenter(language, { granularity: "sentence" }).segment(text);
  return Array.from(segments, ({ segment }) => segment.trim()).filter((sentence) => sentence !== "");
}

/** Consecutive sentences, as many as fit `length` pieces; of a sentence that alone is longer, its beginning. */
function blocksOf(sentences: readonly number[][], length: number): number[][][] {
  const blocks: number[][][] = [];
  let room = 0;
  for (const sentence of sentences) {
    const fitting = sentence.slice(0, length);
    if (fitting.length > room) {
      blocks.push([]);
      room = length;
    }
    blocks.at(-1)!.push(fitting);
    room -= fitting.length;
  }
  return blocks;
}

/** Whether `part` stands in `ids` without a gap. */
const contains = (ids: readonly number[], part: readonly number[]): boolean =>
  ids.some((_, start) => part.every((id, i) => ids[start + i] === id));
