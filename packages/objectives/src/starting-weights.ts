import { PropriaError, type Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import {
  type EncoderConfig,
  type HostParameters,
  type Inits,
  initialize,
  loadCheckpoint,
  readConfig,
} from "@propria/transformer-core";

/** Where an encoder starts: at a saved model, or fresh in a shape over a vocabulary (a file, or a folder that holds one). */
export type Start = { init: string } | { config: (vocabSize: number) => EncoderConfig; vocabulary: string };

/** BERT's own heads: other programs know them by these names. They are saved with an encoder, and left out where not wanted. */
const KNOWN_HEADS = ["cls", "classifier", "bert.pooler"];

/** Where the vocabulary lies. */
export const vocabularyPath = (start: Start): string => ("init" in start ? start.init : start.vocabulary);

/**
 * The encoder's weights and those of `heads` before the first step, and which heads a saved model lacked. A head that the saved model lacks starts fresh; one of
 * BERT's that it has and that is not wanted is left out.
 *
 * @throws {PropriaError} `VOCABULARY_SIZE` when there are more tokens than word embeddings; those of `loadCheckpoint`.
 */
export async function startingWeights(
  start: Start,
  { tokenizer, heads, random }: { tokenizer: Tokenizer; heads: (config: EncoderConfig) => Inits; random: Random },
): Promise<{ config: EncoderConfig; parameters: HostParameters; freshHeads: string[] }> {
  if ("init" in start) {
    const wanted = Object.keys(heads(await readConfig(start.init)));
    const loaded = await loadCheckpoint(start.init, {
      heads,
      fresh: [...KNOWN_HEADS, ...wanted.filter((name) => !isKnown(name))],
      drop: KNOWN_HEADS,
      random,
    });
    checkVocabulary(tokenizer, loaded.config, start.init);
    return { ...loaded, freshHeads: headsOf(loaded.fresh) };
  }
  const config = start.config(tokenizer.size);
  checkVocabulary(tokenizer, config, start.vocabulary);
  return { config, parameters: initialize(config, heads(config), random), freshHeads: [] };
}

/** The parameters to save: the encoder's, and the heads under names that are BERT's. */
export function savedParameters(parameters: HostParameters, heads: Inits): HostParameters {
  return Object.fromEntries(
    Object.entries(parameters).filter(([name]) => !Object.hasOwn(heads, name) || isKnown(name)),
  );
}

/** The heads that parameters belong to: one of BERT's, or a parameter of its own. */
const headsOf = (names: readonly string[]): string[] => [
  ...new Set(names.map((name) => KNOWN_HEADS.find((head) => name.startsWith(`${head}.`)) ?? name)),
];

const isKnown = (name: string): boolean => KNOWN_HEADS.some((head) => name.startsWith(`${head}.`));

function checkVocabulary(tokenizer: Tokenizer, { vocabSize }: EncoderConfig, at: string): void {
  if (tokenizer.size > vocabSize)
    throw new PropriaError("VOCABULARY_SIZE", `${tokenizer.size} tokens, but ${vocabSize} word embeddings`, {
      at,
      mend: "give the vocabulary and the configuration that belong together",
    });
}
