import { join } from "node:path";
import { documentText, openCorpus } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import { trainWordVectors, writeWordVectors } from "@propria/word-vectors";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";

/** What piece vectors are trained with: CBOW with negative sampling, the rest as word2vec has it. */
export interface PieceVectorSettings {
  /** The width of the encoder that starts from them. */
  dimensions: number;
  window: number;
  epochs: number;
  seed: number;
}

/** Vectors of a vocabulary's pieces, from a corpus: the start of a fresh encoder's embeddings. */
export const pieceVectorsStep = (
  corpus: FolderStep,
  vocabulary: FolderStep,
  settings: PieceVectorSettings,
): FolderStep =>
  defineStep({
    name: `vectors of pieces, ${settings.dimensions} numbers`,
    kind: "piece-vectors",
    version: 1,
    settings: { ...settings },
    inputs: { corpus, vocabulary },
    async run(context) {
      const { folder, signal, onProgress } = context;
      const tokenizer = await Tokenizer.load(pathOf(context, vocabulary));
      const opened = await openCorpus(pathOf(context, corpus));
      const texts = async function* () {
        for await (const document of opened.documents())
          yield tokenizer.encode(documentText(document)).map((id) => tokenizer.tokenOf(id));
      };
      const vectors = await trainWordVectors(texts, {
        ...settings,
        ...(signal && { signal }),
        onProgress: ({ stage, fraction, texts: done }) =>
          stage === "counting"
            ? onProgress({ done, unit: "documents" })
            : onProgress({ done: Math.round(100 * fraction), total: 100, unit: "%" }),
      });
      await writeWordVectors(join(folder, "pieces.vec"), vectors);
      return { path: "pieces.vec" };
    },
  });
