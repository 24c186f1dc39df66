import { type Document, documentText } from "@propria/collection";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens, windowRow } from "../toolkit/index.ts";

interface WindowOptions {
  windowTokens: number;
  maskedWeight: number;
  maskRate: number;
  maxMasked: number;
}

/** `[CLS] window [SEP]`, and where the masked language model takes part, once more with masks. */
export interface Window {
  window: number[];
  masked?: MaskedRow;
}

/** One window of the document, another in each epoch. */
export function* windows(
  document: Document,
  { random, tokenizer, options, maxTokens }: ExampleContext<WindowOptions, undefined>,
): Iterable<Window> {
  const ids = tokenizer.encode(documentText(document));
  const window = windowRow(ids, Math.min(options.windowTokens, maxTokens), { random, tokenizer });
  if (!window) return;
  if (options.maskedWeight === 0) yield { window };
  else
    yield {
      window,
      masked: maskTokens(window, { random, tokenizer }, { rate: options.maskRate, maxMasked: options.maxMasked }),
    };
}
