import { type Document, documentText } from "@propria/collection";
import { type WordSetOptions, type WordSetSampler, type WordStatistics, wordSetSampler } from "@propria/rop-sampler";
import type { ExampleContext } from "../define-objective.ts";
import { rowBody, type WordSetRows, wordSetRows } from "../toolkit/index.ts";

interface ExampleOptions extends Required<WordSetOptions> {
  shortDocumentTokens: number;
  shortDocumentSkip: number;
  maskedWeight: number;
  maskRate: number;
  maxMasked: number;
  wholeWords: boolean;
}

/** The pairs of one document. */
export function* propExamples(
  document: Document,
  context: ExampleContext<ExampleOptions, WordStatistics>,
): Iterable<WordSetRows> {
  const text = documentText(document);
  const body = rowBody(text, context);
  if (body.length === 0) return;
  for (const pair of samplerOf(context.prepared, context.options).pairs(text, context.random)) {
    const rows = wordSetRows(body, pair, context);
    if (rows) yield rows; // else the words alone fill the row
  }
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
