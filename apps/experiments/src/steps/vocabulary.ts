import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFolderAtomically } from "@propria/base";
import { documentText, openCorpus } from "@propria/collection";
import { Tokenizer, trainVocabulary } from "@propria/tokenizer";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";

/** What a vocabulary is made with. */
export interface VocabularySettings {
  /** Entries. */
  size: number;
  /** Most different characters; default the tokenizer's. Chinese wants several thousand. */
  alphabetSize?: number;
}

/** Trains a lower-casing WordPiece vocabulary on a corpus. */
export const vocabularyStep = (corpus: FolderStep, settings: VocabularySettings): FolderStep =>
  defineStep({
    name: `vocabulary of ${settings.size}`,
    kind: "vocabulary",
    version: 1,
    settings: { ...settings },
    inputs: { corpus },
    async run(context) {
      const { folder, onProgress, stopIfAsked } = context;
      const path = join(folder, "vocabulary");
      const opened = await openCorpus(pathOf(context, corpus));
      let documents = 0;
      const texts = async function* () {
        for await (const document of opened.documents()) {
          stopIfAsked();
          yield documentText(document);
          onProgress({ done: ++documents, unit: "documents" });
        }
      };
      const vocabulary = await trainVocabulary(texts(), {
        ...settings,
        minFrequency: 2,
        onProgress: ({ stage, done, total }) =>
          onProgress({
            done,
            ...(total !== undefined && { total }),
            unit: stage === "merging" ? "entries" : "documents",
          }),
      });
      if (!existsSync(path))
        await writeFolderAtomically(path, (temporary) => Tokenizer.fromVocabulary(vocabulary).save(temporary));
      return { path: "vocabulary" };
    },
  });
