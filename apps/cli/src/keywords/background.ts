/** What documents are told apart from: a corpus, and those beside it that are asked about, so that a word of theirs alone is known, and rare. */
import { type Corpus, corpusHash, type Document, documentText } from "@propria/collection";
import { openBackend } from "@propria/engine";
import {
  attentionPass,
  type RandomDistribution,
  randomCounter,
  type WordKind,
  type WordStatistics,
  type WordWeights,
  wordAttention,
  wordCounter,
} from "@propria/rop-sampler";
import { Tokenizer } from "@propria/tokenizer";
import { loadCheckpoint } from "@propria/transformer-core";
import { given } from "../program/given.ts";
import type { ProgressDisplay } from "../program/progress.ts";
import type { EngineFlags } from "../steps/bi-encoder.ts";

/** A corpus with the documents beside it. */
export interface Background {
  corpus: Corpus;
  besides: readonly Document[];
  words: WordKind;
}

/** What one reading of a corpus tells. */
export interface Counted {
  statistics: WordStatistics;
  /** Of the corpus alone. */
  hash: string;
  size: number;
  /** The ids that are not in it. */
  absent: readonly string[];
}

/** Counts the words of a background, and looks for ids in the corpus. */
export async function countWords(
  { corpus, besides, words }: Background,
  {
    stopWords,
    ids,
    progress,
  }: { stopWords: ReadonlySet<string> | undefined; ids: readonly string[]; progress: ProgressDisplay },
): Promise<Counted> {
  const counter = wordCounter({ words, minCollectionFrequency: 1, ...given({ stopWords }) });
  const absent = new Set(ids);
  const step = progress.start("counting words", "documents");
  let size = 0;
  async function* counted() {
    for await (const document of corpus.documents()) {
      counter.add(documentText(document));
      absent.delete(document.id);
      step.update(++size);
      yield document;
    }
  }
  const hash = await corpusHash({ documents: counted });
  step.end(`${size} documents`);
  for (const document of besides) counter.add(documentText(document));
  return { statistics: counter.finish(), hash, size, absent: [...absent] };
}

/** What a model attends to in a background. */
export interface Attended {
  random: RandomDistribution;
  /** In a document of the corpus, by number. */
  inCorpus(number: number): WordWeights;
  /** In the documents beside it. */
  besides: readonly WordWeights[];
}

/** BERT's own heads, which attention needs none of. */
const HEADS = ["cls", "classifier", "bert.pooler"];

/**
 * Looks at a background, for as long as `use` runs.
 *
 * @param kept Folder for the attention to the corpus: what B-PROP's pre-training with this model left there is used, and the other way round.
 * @throws {PropriaError} those of `loadCheckpoint` and `attentionPass`.
 */
export async function withAttention<Result>(
  { corpus, besides, words }: Background,
  { hash, size }: Counted,
  { model, kept, backend: name, threads }: EngineFlags & { model: string; kept: string },
  progress: ProgressDisplay,
  use: (attended: Attended) => Promise<Result>,
): Promise<Result> {
  const tokenizer = await Tokenizer.load(model);
  const { config, parameters } = await loadCheckpoint(model, { drop: HEADS });
  const backend = await openBackend(name, given({ threads }));
  const attention = wordAttention({ config, parameters, tokenizer, backend }, { words });
  try {
    const step = progress.start("attending", "documents");
    const pass = { documents: corpus.documents(), corpusHash: hash, folder: kept };
    const onProgress = (done: number) => step.update(done, size);
    const file = await attentionPass({ model: attention, ...pass, onProgress });
    try {
      const weighed = await attention.weigh(besides.map(documentText));
      step.end(`${size} documents`);
      const counter = randomCounter();
      for (let number = 0; number < size; number++) counter.add(file.at(number));
      for (const weights of weighed) counter.add(weights);
      return await use({ random: counter.finish(), inCorpus: (number) => file.at(number), besides: weighed });
    } finally {
      file.close();
    }
  } finally {
    await attention.release();
  }
}
