import { join } from "node:path";
import { writeFileAtomically, writeFolderAtomically } from "@propria/base";
import { type Backend, openBackend } from "@propria/engine";
import { type HostParameters, type Json, writeSafetensors } from "@propria/transformer-core";
import {
  BASE_KEY,
  CONFIG_FILE,
  fileNames,
  OWN_TYPE,
  usesPooler,
  WEIGHTS_FILE,
  withoutPrefix,
} from "./adapter-files.ts";
import type { Attachment } from "./attach.ts";
import { baseHash } from "./base-hash.ts";

/** What an adapter's folder is made of. */
export interface AdapterToSave {
  attachment: Attachment;
  /** Its values, as they were trained or as they are kept; others beside them are passed over. */
  parameters: HostParameters;
  /** The model's own, whose hash the file holds. */
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
  const isClassifier = Object.keys(heads).some((name) => name.startsWith("classifier."));
  const described: Record<string, Json> = {
    peft_type: type,
    task_type: isClassifier ? "SEQ_CLS" : "FEATURE_EXTRACTION",
    base_model_name_or_path: baseFolder ?? null,
    inference_mode: true,
    modules_to_save: Object.keys(heads).length > 0 ? modulesOf(heads) : null,
    ...(peft?.config ?? { adapter: adapter.name, options: options as Record<string, Json> }),
  };
  const tensors = { ...fileNames(peft?.tensors ?? own, { isClassifier }), ...fileNames(heads, { isClassifier }) };
  const metadata = { [BASE_KEY]: baseHash(base, { pooler: usesPooler(attachment) }) };
  await writeSafetensors(join(folder, WEIGHTS_FILE), tensors, { metadata });
  await writeFileAtomically(join(folder, CONFIG_FILE), `${JSON.stringify(described, null, 2)}\n`);
  return type;
}

/** `classifier.weight` and `bert.pooler.dense.bias` are of the modules `classifier` and `pooler`. */
const modulesOf = (heads: HostParameters): string[] => [
  ...new Set(Object.keys(heads).map((name) => name.replace(/^bert\./, "").split(".")[0]!)),
];
