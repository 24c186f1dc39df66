/** Where a pre-training starts: `--init DIR`, or `--config` and `--vocab`, with or without `--vectors`. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import type { Pretraining } from "@propria/objectives";
import { type ConfigName, configNames, type EncoderConfig, namedConfig, parseConfig } from "@propria/transformer-core";

/** The flags as they were given. */
export interface StartFlags {
  init: string | undefined;
  config: string | undefined;
  vocab: string | undefined;
  vectors: string | undefined;
}

/** @throws {PropriaError} `FLAG_MISSING` or `FLAG_CONFLICT` when the flags are not one of the two; `CONFIG_NAME` for a size or file that is not there. */
export async function startOf({ init, config, vocab, vectors }: StartFlags): Promise<Pretraining["start"]> {
  if (init !== undefined) {
    if (config === undefined && vocab === undefined && vectors === undefined) return { init };
    throw new PropriaError("FLAG_CONFLICT", "takes the encoder and the vocabulary of a model", {
      at: "--init",
      mend: "leave out --config, --vocab and --vectors, or --init",
    });
  }
  if (config === undefined || vocab === undefined)
    throw new PropriaError("FLAG_MISSING", "needs --init DIR, or --config NAME|FILE and --vocab PATH");
  const shape = await encoderShape(config);
  return { config: (vocabSize) => ({ ...shape, vocabSize }), vocabulary: vocab, pieceVectors: vectors };
}

/**
 * The encoder that `--config NAME|FILE` names; a size by name has BERT's vocabulary.
 *
 * @throws {PropriaError} `CONFIG_NAME` for a size or file that is not there.
 */
export async function encoderShape(nameOrFile: string): Promise<EncoderConfig> {
  const name = configNames.find((each) => each === nameOrFile);
  if (name !== undefined) return namedConfig(name, { vocabSize: BERT_PIECES });
  if (existsSync(nameOrFile)) return parseConfig(await readFile(nameOrFile, "utf8"), nameOrFile);
  const near: ConfigName | string | undefined = nearestName(nameOrFile, configNames);
  throw new PropriaError("CONFIG_NAME", `no encoder size and no file is called ${JSON.stringify(nameOrFile)}`, {
    at: "--config",
    mend: near === undefined ? `one of ${configNames.join(", ")}` : `did you mean ${near}?`,
  });
}

const BERT_PIECES = 30522; // of bert-base-uncased
