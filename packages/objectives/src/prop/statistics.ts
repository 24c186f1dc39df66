import { type Document, documentText } from "@propria/collection";
import { type WordKind, type WordStatistics, wordStatistics } from "@propria/rop-sampler";
import { readStopWords, type StopWordListName, stopWordList } from "@propria/tokenizer";
import type { PrepareContext } from "../define-objective.ts";

interface StatisticsOptions {
  words: WordKind;
  minCollectionFrequency: number;
  stopWords: string;
  stem: boolean;
}

const DOCUMENTS_PER_REPORT = 100;

/** The words of the corpus and how often they occur: one pass. */
export async function corpusWords(
  documents: AsyncIterable<Document>,
  { options, onProgress }: PrepareContext<StatisticsOptions>,
): Promise<WordStatistics> {
  const { words, minCollectionFrequency, stem } = options;
  const stopWords = options.stopWords === "auto" ? {} : { stopWords: await stopWordsOf(options.stopWords) };
  return wordStatistics(textsOf(documents, onProgress), { words, minCollectionFrequency, stem, ...stopWords });
}

const stopWordsOf = (nameOrFile: string): ReadonlySet<string> | Promise<ReadonlySet<string>> =>
  /[./\\]/.test(nameOrFile) ? readStopWords(nameOrFile) : stopWordList(nameOrFile as StopWordListName);

async function* textsOf(documents: AsyncIterable<Document>, onProgress?: (documents: number) => void) {
  let count = 0;
  for await (const document of documents) {
    yield documentText(document);
    if (++count % DOCUMENTS_PER_REPORT === 0) onProgress?.(count);
  }
  onProgress?.(count);
}
