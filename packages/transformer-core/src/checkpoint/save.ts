/** A model to a folder that Hugging Face's libraries load. */
import { existsSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PropriaError } from "@propria/base";
import type { EncoderConfig } from "../config.ts";
import type { HostParameters } from "../host-parameters.ts";
import { type Architecture, formatConfig } from "./config-json.ts";
import { formatModelCard, type ModelCard } from "./contract.ts";
import { diskError } from "./disk-error.ts";
import { writeSafetensors } from "./safetensors.ts";

/** What a model folder is made of. */
export interface Model extends ModelCard {
  config: EncoderConfig;
  /** The encoder's parameters and those of the heads to keep, by Hugging Face name. */
  parameters: HostParameters;
  /** Writes its files into a folder: a `Tokenizer` of `@propria/tokenizer`. */
  tokenizer: { save(folder: string): Promise<void> };
}

/**
 * Writes a model folder: `config.json`, `model.safetensors`, the tokenizer's files and `propria.json`. It is written
 * beside and renamed when whole, so a folder of this name is complete or absent.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when there is something of this name; `DISK` when it cannot be written.
 */
export async function saveModel(path: string, model: Model): Promise<void> {
  const folder = resolve(path); // without a slash at its end
  refuseExisting(folder);
  const beside = `${folder}.tmp`;
  try {
    await rm(beside, { recursive: true, force: true }); // of a run that was killed here
    await mkdir(beside, { recursive: true });
    await writeModelFiles(beside, model);
    refuseExisting(folder); // rename would replace an empty folder
    await rename(beside, folder);
    await flush(dirname(folder));
  } catch (cause) {
    await rm(beside, { recursive: true, force: true });
    throw diskError(cause, folder);
  }
}

/**
 * Writes a model's files into a folder that exists and may hold others, such as a training's checkpoints. Each file is
 * written beside and renamed, and `propria.json` is the last: where it stands, the others are whole.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when the folder holds a model already; `DISK` when it cannot be written.
 */
export async function writeModelFiles(
  folder: string,
  { config, parameters, tokenizer, ...card }: Model,
): Promise<void> {
  refuseExisting(join(folder, "propria.json"));
  await tokenizer.save(folder);
  await writeText(
    join(folder, "config.json"),
    formatConfig(config, architectureOf(parameters), { score: hasRankingHead(parameters) }),
  );
  await writeSafetensors(join(folder, "model.safetensors"), parameters);
  await writeText(join(folder, "propria.json"), formatModelCard(card));
  await flush(folder);
}

function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new PropriaError("OUTPUT_EXISTS", "exists already", {
      at: path,
      mend: "name another folder, or remove this one",
    });
}

/** With both heads, as after PROP: a masked language model, whose loader passes over the ranking head. */
function architectureOf(parameters: HostParameters): Architecture {
  if (Object.hasOwn(parameters, "cls.predictions.bias")) return "BertForMaskedLM";
  return hasRankingHead(parameters) ? "BertForSequenceClassification" : "BertModel";
}

const hasRankingHead = (parameters: HostParameters) => Object.hasOwn(parameters, "classifier.weight");

async function writeText(path: string, text: string): Promise<void> {
  const beside = `${path}.tmp`;
  try {
    await writeFile(beside, text, { flush: true });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw diskError(cause, path);
  }
}

/** Makes the names in a folder last, as `fsync` of a file does its bytes. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
