import { join } from "node:path";
import { writeFileAtomically, writeFolderAtomically } from "@propria/base";
import { type Backend, openBackend } from "@propria/engine";
import { type HostParameters, type Json, writeSafetensors } from "@propria/transformer-core";
import { CONFIG_FILE, fileNames, OWN_TYPE, WEIGHTS_FILE, withoutPrefix } from "./adapter-files.ts";
import type { Attachment } from "./attach.ts";
import { baseHashes, modulesOf } from "./base-hash.ts";

/** What an adapter's folder is made of. */
export interface AdapterToSave {
  attachment: Attachment;
  /** Its values, as they were trained or as they are kept; others beside them are passed over. */
  parameters: HostParameters;
  /** The model's own, all that it is computed with: the file holds the hashes of its encoder and of its heads. */
  base: HostParameters;
  /** What was trained beside the adapter, by full name: `classifier.weight`. */
  heads?: HostParameters;
  /** The folder of the model, for whoever opens the adapter without being told: `base_model_name_or_path`. Default: not said. */
  baseFolder?: string;
  /** Where a detour of training is computed; opened when it is needed. */
  backend?: Backend;
}

/**
 * Writes `adapter_config.json` and `adapter_model.safetensors`, the folder whole or not at all: in PEFT's form where PEFT would compute the same, else in ours.
 *
 * @returns `peft_type` of the form: `LORA`, `PREFIX_TUNING`, or ours, `PROPRIA`.
 * @throws {PropriaError} `OUT_EXISTS` when the folder exists and is not empty; `DISK_FULL`, `NO_PERMISSION`.
 */
export async function saveAdapter(folder: string, adapter: AdapterToSave): Promise<string> {
  let type = "";
  await writeFolderAtomically(folder, async (beside) => {
    type = await writeAdapterFiles(beside, adapter);
  });
  return type;
}

/** The same into a folder that exists and may hold other files, such as a training's checkpoints; each file is written beside and renamed. */
export async function writeAdapterFiles(
  folder: string,
  { attachment, parameters, base, heads = {}, baseFolder, backend }: AdapterToSave,
): Promise<string> {
  const { adapter, config, options, parts } = attachment;
  const own = withoutPrefix(await attachment.keep(parameters, backend ?? (await openBackend())));
  const part = adapter.parts ? undefined : parts[0];
  const peft = part?.peft?.write(own, part.covered, { options, config });
  const type = peft ? part!.peft!.type : OWN_TYPE;
  const modules = modulesOf(Object.keys(heads));
  const described: Record<string, Json> = {
    peft_type: type,
    task_type: modules.includes("classifier") ? "SEQ_CLS" : "FEATURE_EXTRACTION",
    base_model_name_or_path: baseFolder ?? null,
    inference_mode: true,
    modules_to_save: modules.length > 0 ? modules : null,
    ...(peft?.config ?? { adapter: adapter.name, options: options as Record<string, Json> }),
  };
  const isWhole = modules.some((module) => module !== "pooler");
  const tensors = fileNames({ ...(peft?.tensors ?? own), ...heads }, { isWhole });
  await writeSafetensors(join(folder, WEIGHTS_FILE), tensors, { metadata: baseHashes(base, heads) });
  await writeFileAtomically(join(folder, CONFIG_FILE), `${JSON.stringify(described, null, 2)}\n`);
  return type;
}
