import { type Document, documentText } from "@propria/collection";
import { type WordSetOptions, type WordSetSampler, type WordStatistics, wordSetSampler } from "@propria/rop-sampler";
import type { ExampleContext } from "../define-objective.ts";
import { type MaskedRow, maskTokens } from "../toolkit/index.ts";

interface ExampleOptions extends Required<WordSetOptions> {
  shortDocumentTokens: number;
  shortDocumentSkip: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

/** `[CLS] words [SEP] document [SEP]` with masks in the document; segment 1 from the document on. */
export interface PropRow extends MaskedRow {
  tokenTypes: number[];
}

/** Two rows of one document; `preferred` has the likelier word set. */
export interface PropExample {
  preferred: PropRow;
  other: PropRow;
}

/** The pairs of one document. */
export function* propExamples(
  document: Document,
  { random, tokenizer, options, prepared, maxTokens }: ExampleContext<ExampleOptions, WordStatistics>,
): Iterable<PropExample> {
  const text = documentText(document);
  // A word has a piece at least: so many words fill any row, and tell a short document from one that is only read in part.
  const body = tokenizer.encode(firstWords(text, Math.max(maxTokens, options.shortDocumentTokens)));
  if (body.length === 0) return;
  if (body.length < options.shortDocumentTokens && random() < options.shortDocumentSkip) return;

  const row = (words: readonly string[]): PropRow | undefined => {
    const head = [tokenizer.clsId, ...tokenizer.encode(words.join(" ")), tokenizer.sepId];
    const kept = body.slice(0, maxTokens - head.length - 1); // only the document's end is ever cut
    if (head.length + 1 >= maxTokens) return undefined;
    const { maskRate: rate, maxMasked, wholeWords } = options;
    const masked = maskTokens(
      [...head, ...kept, tokenizer.sepId],
      { random, tokenizer },
      { rate, maxMasked, wholeWords, budget: "words", from: head.length },
    );
    const tokenTypes = masked.inputIds.map((_, i) => (i < head.length ? 0 : 1));
    return { ...masked, tokenTypes };
  };

  for (const pair of samplerOf(prepared, options).pairs(text, random)) {
    const preferred = row(pair.preferred.words);
    const other = row(pair.other.words);
    if (preferred && other) yield { preferred, other }; // else the words alone fill the row
  }
}

/** The text up to the end of its `count`-th word, words parted by white space. */
function firstWords(text: string, count: number): string {
  const word = /\S+/g;
  for (let i = 0; i < count; i++) if (!word.test(text)) return text;
  return text.slice(0, word.lastIndex);
}

/** Samplers by the statistics and options they were made of: tables that take a while to build and never change. */
const samplers = new WeakMap<WordStatistics, WeakMap<ExampleOptions, WordSetSampler>>();

function samplerOf(statistics: WordStatistics, options: ExampleOptions): WordSetSampler {
  const byOptions = samplers.get(statistics) ?? new WeakMap<ExampleOptions, WordSetSampler>();
  samplers.set(statistics, byOptions);
  const sampler = byOptions.get(options) ?? wordSetSampler(statistics, options);
  byOptions.set(options, sampler);
  return sampler;
}
