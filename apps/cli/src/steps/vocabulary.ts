import { writeFolderAtomically } from "@propria/base";
import { type Corpus, documentText } from "@propria/collection";
import { Tokenizer, trainVocabulary } from "@propria/tokenizer";
import { given } from "../program/given.ts";
import type { ProgressDisplay } from "../program/progress.ts";

/** What a vocabulary is made with. */
export interface VocabularyOptions {
  size: number;
  minFrequency: number;
  /** Characters at most; default: the tokenizer's. */
  alphabet?: number | undefined;
  cased: boolean;
  /** Folder to write. */
  out: string;
  progress: ProgressDisplay;
  /** Called with the folder before it gets its name. */
  finish?: (folder: string) => Promise<void>;
}

/** Trains a vocabulary on a corpus and saves it. */
export async function writeVocabulary(
  corpus: Corpus,
  { size, minFrequency, alphabet, cased, out, progress, finish }: VocabularyOptions,
): Promise<{ entries: number; documents: number }> {
  const reading = progress.start("reading the corpus", "documents");
  let documents = 0;
  const texts = async function* () {
    for await (const document of corpus.documents()) {
      yield documentText(document);
      reading.update(++documents);
    }
    reading.end(`${documents} documents`);
  };
  let merging: ReturnType<ProgressDisplay["start"]> | undefined;
  const vocabulary = await trainVocabulary(texts(), {
    size,
    minFrequency,
    ...given({ alphabetSize: alphabet }),
    lowercase: !cased,
    onProgress({ stage, done, total }) {
      if (stage === "counting") return;
      merging ??= progress.start("vocabulary", "entries");
      merging.update(done, total);
    },
  });
  merging?.end(`${vocabulary.length} entries`);
  await writeFolderAtomically(out, async (folder) => {
    await Tokenizer.fromVocabulary(vocabulary, { lowercase: !cased, stripAccents: !cased }).save(folder);
    await finish?.(folder);
  });
  return { entries: vocabulary.length, documents };
}
