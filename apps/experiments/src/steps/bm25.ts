import { documentText, openCollection, openCorpus, queriesOf } from "@propria/collection";
import { bm25, buildIndex, searchAll } from "@propria/lexical";
import { type Analyzer, analyzer } from "@propria/tokenizer";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { keepRun, type RunStep } from "./search.ts";

/** How texts become terms. */
export type Language = "english" | "chinese";

/** What BM25 is told. */
export interface Bm25Settings {
  split: string;
  depth: number;
  language: Language;
  k1: number;
  b: number;
}

/** BM25 over titles and texts of a corpus, for the queries of a collection, which may be the same. */
export const bm25Step = (
  label: string,
  corpus: FolderStep,
  settings: Bm25Settings,
  collection: FolderStep = corpus,
): RunStep =>
  defineStep({
    name: `BM25 ${label}`,
    kind: "bm25",
    version: 1,
    settings: { ...settings },
    inputs: { corpus, collection },
    async run(context) {
      const { split, depth, language, k1, b } = settings;
      const opened = await openCorpus(pathOf(context, corpus));
      const texts = async function* () {
        for await (const document of opened.documents()) {
          context.stopIfAsked();
          yield { id: document.id, text: documentText(document) };
        }
      };
      const index = await buildIndex(texts(), { analyzer: ANALYZERS[language]() });
      const queries = await queriesOf(await openCollection(pathOf(context, collection)), split);
      const run = await searchAll(queries, (query) => bm25(index, query, { k1, b, depth }));
      return keepRun(context, run);
    },
  });

const ANALYZERS: Readonly<Record<Language, () => Analyzer>> = {
  english: () => analyzer(),
  chinese: () => analyzer({ stopWords: "none" }),
};
