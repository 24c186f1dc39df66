import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFolderAtomically } from "@propria/base";
import { documentText, openCorpus } from "@propria/collection";
import { Tokenizer, trainVocabulary } from "@propria/tokenizer";
import { defineStep, type Step } from "../graph/step.ts";

/** What a vocabulary is made with. */
export interface VocabularySettings {
  /** Entries. */
  size: number;
  /** Most different characters; default the tokenizer's. Chinese wants several thousand. */
  alphabetSize?: number;
}

/** Trains a lower-casing WordPiece vocabulary on a corpus. */
export const vocabularyStep = (
  corpus: Step<{ model: string }>,
  settings: VocabularySettings,
): Step<{ vocabulary: string; entries: number }> =>
  defineStep({
    name: `vocabulary of ${settings.size}`,
    kind: "vocabulary",
    version: 1,
    settings: { ...settings },
    inputs: { corpus },
    async run({ folder, of, onProgress, stopIfAsked }) {
      const path = join(folder, "vocabulary");
      const opened = await openCorpus(of(corpus).folder);
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
      return { vocabulary: "vocabulary", entries: vocabulary.length };
    },
  });
