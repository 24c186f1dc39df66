import { type Corpus, type Document, documentText } from "@propria/collection";
import { buildIndex, type InvertedIndex } from "@propria/lexical";
import type { Analyzer } from "@propria/tokenizer";
import type { ProgressDisplay } from "../program/progress.ts";

/** Indexes title and text of a corpus' documents. */
export async function indexCorpus(
  corpus: Corpus,
  analyzer: Analyzer,
  progress: ProgressDisplay,
): Promise<InvertedIndex> {
  const step = progress.start("indexing", "documents");
  const index = await buildIndex(texts(corpus.documents()), { analyzer, onProgress: (count) => step.update(count) });
  step.end(`${index.documentCount} documents`);
  return index;
}

async function* texts(documents: AsyncIterable<Document>): AsyncGenerator<{ id: string; text: string }> {
  for await (const document of documents) yield { id: document.id, text: documentText(document) };
}
