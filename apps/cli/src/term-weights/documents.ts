import type { Corpus } from "@propria/collection";
import type { WeightedDocument } from "@propria/lexical";
import { type FrequencyOptions, type TermWeights, weighDocuments } from "@propria/rankers";
import type { ProgressDisplay } from "../program/progress.ts";
import { countedFirst } from "../steps/counted-first.ts";

/** How documents are weighed, and where it shows. */
export interface WeighingOptions extends FrequencyOptions {
  progress: ProgressDisplay;
  /** Gets the number of documents none of whose words has a weight. */
  counts: { skipped: number };
}

/** The documents of a corpus with their frequencies; they are counted first, so that the time left is known. */
export async function* weighedDocuments(
  model: TermWeights,
  corpus: Corpus,
  { progress, counts, ...options }: WeighingOptions,
): AsyncGenerator<WeightedDocument> {
  const total = await countedFirst(corpus.documents(), progress, "documents");
  const step = progress.start("weighing", "documents");
  yield* weighDocuments(model, corpus.documents(), {
    ...options,
    window: WINDOW,
    onProgress({ documents, skipped }) {
      counts.skipped = skipped;
      step.update(documents, total);
    },
  });
  step.end(`${total} documents`);
}

const WINDOW = 256; // documents weighed together: few show sooner how far it is
