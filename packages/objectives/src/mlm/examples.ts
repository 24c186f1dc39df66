import { type Document, documentText } from "@propria/collection";
import type { Tokenizer } from "@propria/tokenizer";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens } from "../toolkit/index.ts";

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
  const starts =
    options.windows === "all" ? everyStart(ids.length, length) : [oneStart(ids, length, random.int, tokenizer)];
  for (const start of starts) {
    const window = ids.slice(start, start + length);
    if (window.every((id) => tokenizer.specialIds.has(id))) continue; // nothing to predict
    yield maskTokens(
      [tokenizer.clsId, ...window, tokenizer.sepId],
      { random, tokenizer },
      { rate: options.maskRate, maxMasked: options.maxMasked, wholeWords: options.wholeWords },
    );
  }
}

const everyStart = (total: number, length: number): number[] =>
  Array.from({ length: Math.ceil(total / length) }, (_, i) => i * length);

/** A uniform start, moved back to the start of its word. */
function oneStart(
  ids: readonly number[],
  length: number,
  int: (below: number) => number,
  tokenizer: Tokenizer,
): number {
  if (ids.length <= length) return 0;
  let start = int(ids.length - length + 1);
  while (start > 0 && tokenizer.isContinuation(ids[start]!)) start--;
  return start;
}
