import { type Document, documentText } from "@propria/collection";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, nextTokens, windowRow } from "../toolkit/index.ts";

interface ExampleOptions {
  decodedShare: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

/** One window of a document: masked for the encoder, whole and with next tokens for the decoder. Both rows are as long. */
export interface SeedExample {
  masked: MaskedRow;
  next: MaskedRow;
}

/** `[CLS] window [SEP]`, twice: one window of the document, another in each epoch. */
export function* seedExamples(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<SeedExample> {
  const row = windowRow(tokenizer.encode(documentText(document)), maxTokens, { random, tokenizer });
  if (!row) return;
  const { maskRate: rate, maxMasked, wholeWords } = options;
  yield {
    masked: maskTokens(row, { random, tokenizer }, { rate, maxMasked, wholeWords }),
    next: nextTokens(row, options.decodedShare, random),
  };
}
