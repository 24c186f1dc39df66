/** The folder of an interaction model: `interaction.json`, `vocabulary.tsv`, `model.safetensors`, and `propria.json`, which is written last. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PropriaError, writeFileAtomically } from "@propria/base";
import { readLines } from "@propria/collection";
import { type HostParameters, readSafetensors, writeSafetensors } from "@propria/transformer-core";
import { z } from "zod";
import { type InteractionConfig, interactionConfig } from "./config.ts";
import { EMBEDDINGS } from "./matcher.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

/** A model whole. */
export interface InteractionFiles {
  config: InteractionConfig;
  vocabulary: Vocabulary;
  /** The table of word vectors among them. */
  parameters: HostParameters;
}

const CONFIG = "interaction.json";
const WORDS = "vocabulary.tsv";
const WEIGHTS = "model.safetensors";

const fileSchema = z.strictObject({
  format: z.literal(1),
  model: interactionConfig,
  vocabulary: z.strictObject({ vectors: z.int().nonnegative(), documents: z.int().nonnegative() }),
});

/** Writes all but `propria.json`. */
export async function writeInteraction(
  folder: string,
  { config, vocabulary, parameters }: InteractionFiles,
): Promise<void> {
  const { words, vectors, documentFrequencies, documentCount } = vocabulary;
  const counts = { vectors, documents: documentCount };
  await writeFileAtomically(join(folder, WORDS), lines());
  await writeSafetensors(join(folder, WEIGHTS), parameters);
  await writeFileAtomically(
    join(folder, CONFIG),
    `${JSON.stringify({ format: 1, model: config, vocabulary: counts }, null, 2)}\n`,
  );

  function* lines() {
    for (const [i, word] of words.entries()) yield `${word}\t${documentFrequencies[i]}\n`;
  }
}

/**
 * Reads what `writeInteraction` wrote.
 *
 * @throws {PropriaError} `INTERACTION_MODEL` for a file that is not as it was written; `SAFETENSORS`.
 */
export async function readInteraction(folder: string): Promise<InteractionFiles> {
  const { model: config, vocabulary: counts } = await readConfig(join(folder, CONFIG));
  const path = join(folder, WORDS);
  const [words, documentFrequencies]: [string[], number[]] = [[], []];
  for await (const { lines, firstNumber } of readLines(path))
    for (const [i, line] of lines.entries()) {
      const [word, count, ...more] = line.split("\t");
      if (!word || !count || more.length > 0 || !/^\d+$/.test(count))
        throw broken(`${path}:${firstNumber + i}`, "expected a word, a tab and a count");
      words.push(word);
      documentFrequencies.push(Number(count));
    }
  const { tensors } = await readSafetensors(join(folder, WEIGHTS));
  const shape = [counts.vectors + 1, config.dimensions];
  if (tensors[EMBEDDINGS]?.shape.join() !== shape.join() || words.length < counts.vectors)
    throw broken(folder, `expected ${shape[0]} vectors of ${shape[1]} numbers, and a word for each`);
  return {
    config,
    parameters: tensors,
    vocabulary: vocabularyOf({ words, documentFrequencies, vectors: counts.vectors, documentCount: counts.documents }),
  };
}

async function readConfig(path: string): Promise<z.output<typeof fileSchema>> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw broken(path, cause.message, cause);
  });
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw broken(path, cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message, cause);
  }
}

const broken = (at: string, what: string, cause?: unknown) =>
  new PropriaError("INTERACTION_MODEL", what, { at, mend: "copy the folder again, or train the model again", cause });
