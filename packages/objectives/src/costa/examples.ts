import { type Document, documentText } from "@propria/collection";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, type Span, windowRow } from "../toolkit/index.ts";
import { type SpanOptions, sampleSpans } from "./spans.ts";

interface ExampleOptions extends SpanOptions {
  shortDocumentTokens: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

/** `[CLS] window [SEP]` with masks, and spans by their places in this row. */
export interface CostaExample extends MaskedRow {
  spans: Span[];
}

/** One window of the document, another in each epoch. */
export function* costaExamples(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<CostaExample> {
  const ids = tokenizer.encode(documentText(document));
  if (ids.length < options.shortDocumentTokens) return;
  const row = windowRow(ids, maxTokens, { random, tokenizer });
  if (!row) return;
  const masking = { rate: options.maskRate, maxMasked: options.maxMasked, wholeWords: options.wholeWords };
  const spans = sampleSpans(row.slice(1, -1), options, { random: random.fork("spans"), tokenizer });
  yield {
    ...maskTokens(row, { random: random.fork("masks"), tokenizer }, masking),
    spans: spans.map(({ start, end }) => ({ start: start + 1, end: end + 1 })), // [CLS] is before
  };
}
