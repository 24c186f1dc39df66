import { type Document, documentText } from "@propria/collection";
import type { NdArray } from "@propria/engine";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, windowRow } from "../toolkit/index.ts";

interface ExampleOptions {
  maskRate: number;
  maxMasked: number;
  masking: "bert" | "mask";
  wholeWords: boolean;
}

/** Two views of one text, and the distinct tokens of the text. */
export interface ViewPair {
  first: MaskedRow;
  second: MaskedRow;
  words: number[];
}

/** `[CLS] window [SEP]` twice, masked independently: one window of the document, another in each epoch. */
export function* twoViews(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<ViewPair> {
  const row = windowRow(tokenizer.encode(documentText(document)), maxTokens, { random, tokenizer });
  if (!row) return;
  const words = [...new Set(row)].filter((id) => !tokenizer.specialIds.has(id));
  const { maskRate: rate, maxMasked, wholeWords, masking } = options;
  const view = (): MaskedRow => {
    const masked = maskTokens(row, { random, tokenizer }, { rate, maxMasked, wholeWords });
    if (masking === "mask") for (const position of masked.positions) masked.inputIds[position] = tokenizer.maskId;
    return masked;
  };
  yield { first: view(), second: view(), words };
}

/** Distinct tokens of each text and their weights 1/|U|, `[B, width]` both; filled up with weight 0. */
export type BagArrays = {
  readonly words: NdArray<[number, number]>;
  readonly wordWeights: NdArray<[number, number]>;
};

/** Bags of words as arrays. */
export function collateBag(bags: readonly (readonly number[])[], width: number): BagArrays {
  const words = new Int32Array(bags.length * width);
  const wordWeights = new Float32Array(bags.length * width);
  bags.forEach((bag, i) => {
    words.set(bag, i * width);
    wordWeights.fill(1 / bag.length, i * width, i * width + bag.length);
  });
  const shape: [number, number] = [bags.length, width];
  return { words: { data: words, shape }, wordWeights: { data: wordWeights, shape } };
}
