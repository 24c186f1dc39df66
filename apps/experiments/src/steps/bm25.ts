import { bm25 } from "@propria/lexical";
import type { FolderStep } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { type Language, searchByWords } from "./lexical-search.ts";
import type { RunStep } from "./search.ts";

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
    run(context) {
      const { split, depth, language, k1, b } = settings;
      return searchByWords(
        context,
        { corpus, collection, split, language },
        (index) => (query) => bm25(index, query, { k1, b, depth }),
      );
    },
  });
