import { join } from "node:path";
import { PropriaError, type Random } from "@propria/base";
import type { Tokenizer } from "@propria/tokenizer";
import {
  type Checkpoint,
  type EncoderConfig,
  type HostParameter,
  type HostParameters,
  type Inits,
  initialize,
  loadCheckpoint,
  readConfig,
  readHeads,
} from "@propria/transformer-core";
import { placePieceVectors } from "./piece-vectors.ts";

/** Where an encoder starts: at a saved model, or fresh in a shape over a vocabulary (a file, or a folder that holds one). */
export type Start = { init: string } | FreshStart;

/** A fresh encoder. */
export interface FreshStart {
  config: (vocabSize: number) => EncoderConfig;
  vocabulary: string;
  /** Vectors of the vocabulary's pieces that the embeddings start as: a text file of as many numbers a piece as the encoder's width. */
  pieceVectors?: string | undefined;
}

/** BERT's own heads: other programs know them by these names. They are saved with an encoder, and left out where not wanted. */
const KNOWN_HEADS = ["cls", "classifier", "bert.pooler"];
const POOLER = "bert.pooler";

/** Where the vocabulary lies. */
export const vocabularyPath = (start: Start): string => ("init" in start ? start.init : start.vocabulary);

/**
 * The encoder's weights and those of `heads` before the first step, and which heads a saved model lacked. An objective's own heads are those of
 * the model's `heads.safetensors`, by name. A head that the saved model lacks starts fresh; one that it has and that is not wanted is left out.
 *
 * @throws {PropriaError} `VOCABULARY_SIZE` when there are more tokens than word embeddings; `CHECKPOINT` for a head of another shape; those
 *   of `loadCheckpoint` and `placePieceVectors`.
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
    const kept = await keptHeads(start.init, loaded);
    const fresh = loaded.fresh.filter((name) => !Object.hasOwn(kept, name));
    return { config: loaded.config, parameters: { ...loaded.parameters, ...kept }, freshHeads: headsOf(fresh) };
  }
  const config = start.config(tokenizer.size);
  checkVocabulary(tokenizer, config, start.vocabulary);
  const parameters = initialize(config, heads(config), random);
  if (start.pieceVectors !== undefined) await placePieceVectors(start.pieceVectors, parameters, tokenizer);
  return { config, parameters, freshHeads: [] };
}

/** Of the heads that `model.safetensors` lacks, those that stand in `heads.safetensors`. */
async function keptHeads(folder: string, { parameters, fresh }: Checkpoint): Promise<HostParameters> {
  const kept = Object.entries(await readHeads(folder)).filter(([name]) => fresh.includes(name));
  for (const [name, { shape }] of kept) {
    const wanted = parameters[name]!.shape;
    if (`${shape}` !== `${wanted}`)
      throw new PropriaError("CHECKPOINT", `${name} is [${shape}] instead of [${wanted}]`, {
        at: join(folder, "heads.safetensors"),
        mend: "give the objective the options that the model was trained with, or remove the file to start its heads fresh",
      });
  }
  return Object.fromEntries(kept);
}

/** What is saved: the encoder's parameters with the heads under names that are BERT's, and the objective's own apart. */
export function savedParameters(
  parameters: HostParameters,
  heads: Inits,
): { parameters: HostParameters; heads: HostParameters } {
  const own = ([name]: [string, HostParameter]) => Object.hasOwn(heads, name) && !isKnown(name);
  const entries = Object.entries(parameters);
  return {
    parameters: Object.fromEntries(entries.filter((entry) => !own(entry))),
    heads: Object.fromEntries(entries.filter(own)),
  };
}

/** What is trained beside an adapter: all of the objective's heads but for a pooler that is the model's own, at which an adapter may attach. */
export function headsBeside(heads: Inits, freshHeads: readonly string[]): { heads: string[]; pooler: boolean } {
  const isPooler = (name: string) => name.startsWith(`${POOLER}.`);
  const pooler = Object.keys(heads).some(isPooler) && !freshHeads.includes(POOLER);
  return { heads: Object.keys(heads).filter((name) => !pooler || !isPooler(name)), pooler };
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
