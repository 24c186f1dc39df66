import { type Document, documentText } from "@propria/collection";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, windowRow } from "../toolkit/index.ts";

interface ExampleOptions {
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
  shortShare: number;
}

const SPECIAL_TOKENS = 2; // [CLS] and [SEP]
const SHORTEST = 2; // tokens of a cut row's text, as in BERT's code

/** `[CLS] window [SEP]` with masks: one window of the document, another in each epoch, now and then a short one. */
export function* condenserExamples(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<ExampleOptions, undefined>,
): Iterable<MaskedRow> {
  const longest = maxTokens - SPECIAL_TOKENS;
  const length = random() < options.shortShare ? Math.min(longest, SHORTEST + random.int(longest)) : longest;
  const row = windowRow(tokenizer.encode(documentText(document)), length + SPECIAL_TOKENS, { random, tokenizer });
  if (!row) return;
  const { maskRate: rate, maxMasked, wholeWords } = options;
  yield maskTokens(row, { random, tokenizer }, { rate, maxMasked, wholeWords });
}
