/** PROP over the first documents of a corpus, as a training reads it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { type Corpus, type Document, documentText, openCorpus } from "@propria/collection";
import { loadObjective, type ObjectiveSource, objectiveOptions, objectiveSource } from "@propria/objectives";
import { wordStatistics } from "@propria/rop-sampler";
import { Tokenizer, trainVocabulary } from "@propria/tokenizer";
import { givenCorpus } from "./texts.ts";

const VOCABULARY = 30_522; // BERT's
/** A pass takes every document, whatever its length; few documents have few frequent words. */
const GIVEN = { shortDocumentSkip: 0, minCollectionFrequency: 5 };

/** What is trained on, and with what. */
export interface PropSource extends Omit<ObjectiveSource, "documents"> {
  corpus: Corpus;
  documents: readonly Document[];
  objective: Awaited<ReturnType<typeof loadObjective>>;
  /** The options as a user gives them. */
  given: Record<string, unknown>;
}

/** Opens the first documents of a corpus; the vocabulary, trained on them, comes into `folder`. */
export async function openProp(
  path: string | undefined,
  { folder, documents: count, maxTokens }: { folder: string; documents: number; maxTokens: number },
): Promise<PropSource> {
  const documents: Document[] = [];
  const { name, documents: all } = await openCorpus(givenCorpus(path));
  for await (const document of all()) if (documents.push(document) === count) break;
  const texts = documents.map(documentText);
  const vocabulary = await trainVocabulary(streamed(texts), { size: VOCABULARY });
  writeFileSync(join(folder, "vocab.txt"), `${vocabulary.join("\n")}\n`);
  const objective = await loadObjective("prop");
  return {
    corpus: { name, documents: () => streamed(documents) },
    ...{ documents, objective, given: GIVEN, maxTokens },
    options: objectiveOptions(objective, GIVEN),
    tokenizer: await Tokenizer.load(folder),
    prepared: await wordStatistics(texts, GIVEN),
  };
}

/** The source that a training's data worker opens. */
export const sourceOf = ({ objective, documents, ...rest }: PropSource) =>
  objectiveSource(objective, { ...rest, documents: { size: documents.length, at: (number) => documents[number]! } });

/** All examples of one epoch, document by document. */
export function examplesOf(prop: PropSource, seed: number): unknown[] {
  const source = sourceOf(prop);
  return prop.documents.flatMap((_, number) => [...source.examples(number, seeded(seed, "examples", number), 0)]);
}

async function* streamed<Item>(items: readonly Item[]) {
  yield* items;
}
