/** Search by words: what BM25 and query likelihood have in common. */
import { documentText, openCollection, openCorpus, queriesOf } from "@propria/collection";
import { buildIndex, type InvertedIndex, type Model, searchAll } from "@propria/lexical";
import { type Analyzer, analyzer } from "@propria/tokenizer";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import type { StepContext } from "../graph/step.ts";
import { keepRun } from "./search.ts";

/** How texts become terms. */
export type Language = "english" | "chinese";

/** What is searched. */
export interface LexicalSearch {
  corpus: FolderStep;
  /** Whose queries. */
  collection: FolderStep;
  split: string;
  language: Language;
}

/** Indexes titles and texts of a corpus, answers the queries of a split, and keeps the run. */
export async function searchByWords(
  context: StepContext,
  { corpus, collection, split, language }: LexicalSearch,
  modelOf: (index: InvertedIndex) => Model,
): Promise<{ run: string }> {
  const opened = await openCorpus(pathOf(context, corpus));
  const texts = async function* () {
    for await (const document of opened.documents()) {
      context.stopIfAsked();
      yield { id: document.id, text: documentText(document) };
    }
  };
  const index = await buildIndex(texts(), { analyzer: ANALYZERS[language]() });
  const queries = await queriesOf(await openCollection(pathOf(context, collection)), split);
  return keepRun(context, await searchAll(queries, modelOf(index)));
}

const ANALYZERS: Readonly<Record<Language, () => Analyzer>> = {
  english: () => analyzer(),
  chinese: () => analyzer({ stopWords: "none" }),
};
