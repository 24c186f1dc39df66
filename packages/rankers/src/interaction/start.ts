/** What training starts from: the words of a collection, and their vectors. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Random, writeFileAtomically } from "@propria/base";
import { documentText } from "@propria/collection";
import { type Analyzer, detached } from "@propria/tokenizer";
import type { HostParameter } from "@propria/transformer-core";
import {
  readWordVectors,
  trainWordVectors,
  type WordVectorOptions,
  type WordVectors,
  writeWordVectors,
} from "@propria/word-vectors";
import type { Preparation, TrainingCollection } from "../training-documents.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

/** Word vectors learnt from the collection, or those of a text file. */
export type VectorsChoice = { train: WordVectorOptions } | { file: string };

/** What decides the start. */
export interface StartOptions {
  words: Analyzer;
  /** Says how `words` cuts; part of the key under which learnt vectors are kept. */
  wordSettings: object;
  vectors: VectorsChoice;
  /** `"random"`: words of the collection without a vector get one, as long as the others; `"none"`. */
  missing: "random" | "none";
  /** Documents that a word without a vector must be in to be known. */
  minDocuments: number;
  random: Random;
  /** A folder for learnt vectors, so that a training that goes on takes the same. */
  work: string;
  signal: AbortSignal | undefined;
  onPrepare(preparation: Preparation): void;
}

/** A vocabulary, and the table of its vectors `[vectors + 1, dimensions]`, of which row 0 is zeros. */
export interface InteractionStart {
  vocabulary: Vocabulary;
  table: HostParameter;
}

/**
 * Counts the words of a collection and gives them vectors. Memory grows with the distinct words, not with the documents.
 *
 * @throws {PropriaError} What `readWordVectors` and `trainWordVectors` throw.
 */
export async function startOf(collection: TrainingCollection, options: StartOptions): Promise<InteractionStart> {
  const { frequencies, documentCount, hash } = await countDocuments(collection, options);
  for await (const { text } of collection.queries())
    for (const word of options.words(text)) if (!frequencies.has(word)) frequencies.set(detached(word), 0);
  const vectors = await vectorsOf(collection, frequencies, hash, options);

  const taken = new Set(vectors.words);
  const others = [...frequencies]
    .filter(([word, count]) => !taken.has(word) && (count >= options.minDocuments || count === 0))
    .map(([word]) => word);
  const words = [...vectors.words, ...others];
  const { dimensions, data } = vectors;
  const count = options.missing === "random" ? words.length : vectors.words.length;
  const table = new Float32Array((count + 1) * dimensions);
  table.set(data, dimensions);
  const drawn = table.subarray(dimensions + data.length);
  const reach = Math.sqrt(3 * meanSquare(data)); // uniform in ±r has the mean square r² / 3
  for (let i = 0; i < drawn.length; i++) drawn[i] = (2 * options.random() - 1) * reach;
  return {
    vocabulary: vocabularyOf({
      ...{ words, vectors: count, documentCount },
      documentFrequencies: words.map((word) => frequencies.get(word) ?? 0),
    }),
    table: { shape: [count + 1, dimensions], data: table },
  };
}

const meanSquare = (data: Float32Array): number => data.reduce((sum, value) => sum + value * value, 0) / data.length;

/** In how many documents each word is, in the order in which the words came first; and a hash of all the texts. */
async function countDocuments(collection: TrainingCollection, { words, onPrepare }: StartOptions) {
  const frequencies = new Map<string, number>();
  const hash = createHash("sha256");
  let documentCount = 0;
  for await (const document of collection.documents()) {
    const text = documentText(document);
    hash.update(JSON.stringify(text));
    for (const word of new Set(words(text))) {
      const count = frequencies.get(word);
      frequencies.set(count === undefined ? detached(word) : word, (count ?? 0) + 1);
    }
    onPrepare({ stage: "words", done: ++documentCount });
    if (documentCount % DOCUMENTS_BETWEEN_TURNS === 0) await setImmediate();
  }
  return { frequencies, documentCount, hash: hash.digest("hex") };
}

const DOCUMENTS_BETWEEN_TURNS = 256;

async function vectorsOf(
  collection: TrainingCollection,
  frequencies: ReadonlyMap<string, number>,
  hash: string,
  { vectors, words, wordSettings, work, signal, onPrepare }: StartOptions,
): Promise<WordVectors> {
  if ("file" in vectors) return readWordVectors(vectors.file, { words: new Set(frequencies.keys()) });
  const [path, note] = [join(work, "vectors.txt"), join(work, "vectors-made-from.json")]; // the note is written last
  const made = JSON.stringify([hash, vectors.train, wordSettings]);
  if (existsSync(note) && (await readFile(note, "utf8")) === made) return readWordVectors(path);
  const learnt = await trainWordVectors(texts, {
    ...vectors.train,
    ...(signal && { signal }),
    onProgress: ({ texts: done, stage }) => stage === "training" && onPrepare({ stage: "vectors", done }),
  });
  await writeWordVectors(path, learnt);
  await writeFileAtomically(note, made);
  return learnt;

  async function* texts() {
    for await (const document of collection.documents()) yield words(documentText(document));
  }
}
