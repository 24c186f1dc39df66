import { type Document, documentText } from "@propria/collection";
import type { Tokenizer } from "@propria/tokenizer";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens } from "../toolkit/index.ts";

interface ExampleOptions {
  spanTokens: number;
  shortestSpan: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

/** Two spans of one document. */
export interface SpanPair {
  first: MaskedRow;
  second: MaskedRow;
}

const SPECIAL_TOKENS = 2; // [CLS] and [SEP]

/** `[CLS] span [SEP]` twice, with masks: two of the document's spans, others in each epoch. */
export function* twoSpans(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<SpanPair> {
  const ids = tokenizer.encode(documentText(document));
  const spans = evenSpans(ids, Math.min(options.spanTokens, maxTokens - SPECIAL_TOKENS), tokenizer);
  const chosen = [...random.permutation(spans.length).slice(0, 2)].map((i) => spans[i]!);
  if (chosen.length < 2 || ids.length < 2 * options.shortestSpan) return;
  if (chosen.some((span) => span.every((id) => tokenizer.specialIds.has(id)))) return; // nothing to predict
  const { maskRate: rate, maxMasked, wholeWords } = options;
  const [first, second] = chosen.map((span) =>
    maskTokens([tokenizer.clsId, ...span, tokenizer.sepId], { random, tokenizer }, { rate, maxMasked, wholeWords }),
  );
  yield { first: first!, second: second! };
}

/** As few spans of about one length as make none longer than `longest`, two at least; each begins at a word where that leaves it something. */
export function evenSpans(ids: readonly number[], longest: number, tokenizer: Tokenizer): number[][] {
  const count = Math.max(2, Math.ceil(ids.length / longest));
  const starts = Array.from({ length: count }, (_, i) =>
    wordStart(ids, Math.floor((i * ids.length) / count), tokenizer),
  );
  return starts
    .map((start, i) => ids.slice(start, Math.min(starts[i + 1] ?? ids.length, start + longest)))
    .filter((span) => span.length > 0);
}

function wordStart(ids: readonly number[], from: number, tokenizer: Tokenizer): number {
  let start = from;
  while (start > 0 && start < ids.length && tokenizer.isContinuation(ids[start]!)) start--;
  return start;
}
