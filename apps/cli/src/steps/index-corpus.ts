import type { Corpus } from "@propria/collection";
import { buildIndex, type IndexedDocument, type InvertedIndex } from "@propria/lexical";
import type { Analyzer } from "@propria/tokenizer";
import type { ProgressDisplay } from "../program/progress.ts";
import { documentTexts } from "./encode.ts";

/** Indexes title and text of a corpus' documents. */
export const indexCorpus = (corpus: Corpus, analyzer: Analyzer, progress: ProgressDisplay): Promise<InvertedIndex> =>
  indexDocuments(documentTexts(corpus)(), analyzer, progress);

/** Indexes documents whose texts or whose term frequencies are given. */
export async function indexDocuments(
  documents: AsyncIterable<IndexedDocument>,
  analyzer: Analyzer,
  progress: ProgressDisplay,
): Promise<InvertedIndex> {
  const step = progress.start("indexing", "documents");
  const index = await buildIndex(documents, { analyzer, onProgress: (count) => step.update(count) });
  step.end(`${index.documentCount} documents`);
  return index;
}
