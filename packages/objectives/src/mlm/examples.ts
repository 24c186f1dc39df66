import { type Document, documentText } from "@propria/collection";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, windowRow } from "../toolkit/index.ts";

interface MaskingOptions {
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
  windows: "one" | "all";
}

/** `[CLS] window [SEP]` with masks: one window of the document, or all. */
export function* maskedWindows(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<MaskingOptions, undefined>,
): Iterable<MaskedRow> {
  const ids = tokenizer.encode(documentText(document));
  const { maskRate: rate, maxMasked, wholeWords } = options;
  const parts = options.windows === "all" ? runs(ids, maxTokens - 2) : [ids]; // [CLS] and [SEP]
  for (const part of parts) {
    const row = windowRow(part, maxTokens, { random, tokenizer });
    if (row) yield maskTokens(row, { random, tokenizer }, { rate, maxMasked, wholeWords });
  }
}

/** A text in consecutive parts of `length` pieces, the last of what is left. */
const runs = (ids: readonly number[], length: number): number[][] =>
  Array.from({ length: Math.ceil(ids.length / length) }, (_, i) => ids.slice(i * length, (i + 1) * length));
