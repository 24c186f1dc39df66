/** A corpus with the term frequencies that a model gives: what `buildIndex` of `@propria/lexical` takes in place of texts. */
import { type Document, documentText } from "@propria/collection";
import type { WeightedDocument } from "@propria/lexical";
import { blocksOf, expectCount } from "../retrieval/retrieve.ts";
import { type FrequencyOptions, termFrequencies } from "./frequencies.ts";
import type { TermWeights } from "./open-term-weights.ts";

/** How documents become frequencies. */
export interface WeighOptions extends FrequencyOptions {
  /**
   * A document none of whose words is kept: `"skip"` (default, as in DeepCT's code) leaves it out of the index, so that nothing finds it
   * and it counts in no statistic; `"keepWords"` gives each of its words frequency 1.
   */
  whenEmpty?: "skip" | "keepWords";
  /** Documents held, sorted by length and weighed together; default 1024. More is a little less padding. */
  window?: number;
  /** Called after each window with the documents read and those skipped so far. */
  onProgress?: (progress: { documents: number; skipped: number }) => void;
}

const DEFAULT_WINDOW = 1024;

/**
 * The documents in their order, each word with the frequency of its weight. Memory holds one window.
 *
 * The words are surface words, lower-cased. An index' analyzer makes terms of them, and words of one stem add up, as when the code's
 * pseudo-documents, in which a word stands as often as its frequency, are indexed. Search the index with BM25 at k1 = 10, b = 0.9, or after
 * `smoothing: "sqrt"` at k1 = 18, b = 0.7: DeepCT's settings.
 *
 * @throws {PropriaError} `SCORE_NOT_FINITE`; `OPTION_INVALID` for a window that is no whole number from 1.
 * @example
 * const index = await buildIndex(weighDocuments(await openTermWeights("deep-ct"), collection.documents()));
 * bm25(index, "boundary layer", DEEP_CT_BM25.none);
 */
export async function* weighDocuments(
  model: Pick<TermWeights, "weigh">,
  documents: AsyncIterable<Document> | Iterable<Document>,
  { whenEmpty = "skip", window = DEFAULT_WINDOW, onProgress, ...frequencies }: WeighOptions = {},
): AsyncGenerator<WeightedDocument> {
  expectCount("window", window, "OPTION_INVALID");
  let [done, skipped] = [0, 0];
  for await (const block of blocksOf(documents, window)) {
    const weighed = await model.weigh(block.map(documentText));
    for (const [i, { id }] of block.entries()) {
      const words = weighed[i]!;
      const kept = termFrequencies(words, frequencies);
      if (kept.size > 0) yield { id, terms: kept };
      else if (whenEmpty === "keepWords") yield { id, terms: new Map(words.map(({ word }) => [word, 1])) };
      else skipped++;
    }
    done += block.length;
    onProgress?.({ documents: done, skipped });
  }
}

/** BM25's settings over DeepCT's frequencies, by smoothing: those of its authors. */
export const DEEP_CT_BM25 = { none: { k1: 10, b: 0.9 }, sqrt: { k1: 18, b: 0.7 } } as const;
