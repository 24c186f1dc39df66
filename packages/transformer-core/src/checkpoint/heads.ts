/** `heads.safetensors`: an objective's own parameters, beside the model and out of other programs' sight. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HostParameters } from "../host-parameters.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** The file's name in a model folder. */
const HEADS_FILE = "heads.safetensors";

/**
 * The parameters that a model's training had beside the encoder and BERT's own heads; none where no such file is.
 *
 * @throws {PropriaError} `SAFETENSORS` for a file that is not sound.
 */
export async function readHeads(folder: string): Promise<HostParameters> {
  const path = join(folder, HEADS_FILE);
  return existsSync(path) ? (await readSafetensors(path)).tensors : {};
}

/** Writes them, where there are any, into a folder that is there. @throws {PropriaError} `DISK` */
export async function writeHeads(folder: string, heads: HostParameters): Promise<void> {
  if (Object.keys(heads).length > 0) await writeSafetensors(join(folder, HEADS_FILE), heads);
}
