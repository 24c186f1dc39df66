/** A model to a folder that Hugging Face's libraries load. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { PropriaError, writeFileAtomically, writeFolderAtomically } from "@propria/base";
import type { EncoderConfig } from "../config.ts";
import type { HostParameters } from "../host-parameters.ts";
import { type Architecture, formatConfig } from "./config-json.ts";
import { formatModelCard, type ModelCard } from "./contract.ts";
import { diskError } from "./disk-error.ts";
import { writeHeads } from "./heads.ts";
import { writeSafetensors } from "./safetensors.ts";
import { sentenceTransformersFiles } from "./sentence-transformers-files.ts";

/** What a model folder is made of. */
export interface Model extends ModelCard {
  config: EncoderConfig;
  /** The encoder's parameters and those of the heads to keep, by Hugging Face name. */
  parameters: HostParameters;
  /** An objective's own parameters, of no use to the model but to a training that goes on: into `heads.safetensors`. */
  heads?: HostParameters;
  /** Writes its files into a folder: a `Tokenizer` of `@propria/tokenizer`. */
  tokenizer: { save(folder: string): Promise<void> };
}

/**
 * Writes a model folder: `config.json`, `model.safetensors`, the tokenizer's files, `propria.json`, and, where the contract is of single
 * texts, those that sentence-transformers reads (which lack `maxQueryTokens`). It is written beside and renamed when whole, so a folder of this name is complete or absent.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when there is something of this name; `DISK` when it cannot be written.
 */
export async function saveModel(path: string, model: Model): Promise<void> {
  const folder = resolve(path); // without a slash at its end
  refuseExisting(folder);
  const fill = async (beside: string): Promise<void> => {
    await writeModelFiles(beside, model);
    refuseExisting(folder); // an empty folder would be replaced
  };
  await writeFolderAtomically(folder, fill, EXPLAINED);
}

/**
 * Writes a model's files into a folder that exists and may hold others, such as a training's checkpoints. Each file is
 * written beside and renamed, and `propria.json` is the last: where it stands, the others are whole.
 *
 * @throws {PropriaError} `OUTPUT_EXISTS` when the folder holds a model already; `DISK` when it cannot be written.
 */
export async function writeModelFiles(
  folder: string,
  { config, parameters, heads = {}, tokenizer, ...card }: Model,
): Promise<void> {
  refuseExisting(join(folder, "propria.json"));
  await tokenizer.save(folder);
  const configText = formatConfig(config, architectureOf(parameters), { score: hasRankingHead(parameters) });
  await writeFileAtomically(join(folder, "config.json"), configText, EXPLAINED);
  await writeSafetensors(join(folder, "model.safetensors"), parameters);
  await writeHeads(folder, heads);
  const files = card.contract ? sentenceTransformersFiles(card.contract, config.hiddenSize) : {};
  for (const [path, text] of Object.entries(files)) await writeFileAtomically(join(folder, path), text, EXPLAINED);
  await writeFileAtomically(join(folder, "propria.json"), formatModelCard(card), EXPLAINED);
}

const EXPLAINED = { explain: diskError };

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
