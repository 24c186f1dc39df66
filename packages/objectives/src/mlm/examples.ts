import { type Document, documentText } from "@propria/collection";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, textWindow } from "../toolkit/index.ts";

interface MaskingOptions {
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
  windows: "one" | "all";
}

/** [CLS] and [SEP]. */
const SPECIAL_TOKENS = 2;

/** `[CLS] window [SEP]` with masks: one window of the document, or all. */
export function* maskedWindows(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<MaskingOptions, undefined>,
): Iterable<MaskedRow> {
  const ids = tokenizer.encode(documentText(document));
  const length = maxTokens - SPECIAL_TOKENS;
  const windows =
    options.windows === "all" ? everyWindow(ids, length) : [textWindow(ids, length, { random, tokenizer })];
  for (const window of windows) {
    if (window.every((id) => tokenizer.specialIds.has(id))) continue; // nothing to predict
    yield maskTokens(
      [tokenizer.clsId, ...window, tokenizer.sepId],
      { random, tokenizer },
      { rate: options.maskRate, maxMasked: options.maxMasked, wholeWords: options.wholeWords },
    );
  }
}

const everyWindow = (ids: readonly number[], length: number): number[][] =>
  Array.from({ length: Math.ceil(ids.length / length) }, (_, i) => ids.slice(i * length, (i + 1) * length));
