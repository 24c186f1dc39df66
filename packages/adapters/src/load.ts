import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPropriaError, PropriaError, surroundingsError } from "@propria/base";
import {
  type EncoderConfig,
  type HostParameters,
  type Inits,
  type Json,
  readSafetensors,
} from "@propria/transformer-core";
import { z } from "zod";
import { CONFIG_FILE, fileError, modelNames, OWN_TYPE, usesPooler, WEIGHTS_FILE, withPrefix } from "./adapter-files.ts";
import { type Attachment, attach } from "./attach.ts";
import { isBase } from "./base-hash.ts";
import { builtInWithPeft, namedAdapter } from "./built-in.ts";
import type { Adapter } from "./define-adapter.ts";

/** What a saved adapter shall work with. */
export interface LoadAdapterOptions {
  config: EncoderConfig;
  /** The model's own parameters. */
  base: HostParameters;
  /** What the file holds beside the adapter: `rankingInits(config)`. */
  heads?: Inits;
  /** Parameters of the file to leave out, by what stands before a dot: `["cls", "classifier", "bert.pooler"]`. Of `heads` none is. */
  drop?: readonly string[];
  /** Adapters of one's own, for files that name them. */
  adapters?: readonly Adapter[];
}

/** A saved adapter. */
export interface LoadedAdapter {
  attachment: Attachment;
  /** Its values by full name, `adapter.…`. */
  parameters: HostParameters;
  heads: HostParameters;
  /** Whether the file says which model it belongs to; then it is this one. PEFT's files do not. */
  baseKnown: boolean;
}

const schema = z.looseObject({
  peft_type: z.string(),
  base_model_name_or_path: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});
const ownSchema = z.object({ adapter: z.string(), options: z.record(z.string(), z.unknown()) });

/**
 * Reads an adapter's folder, ours or PEFT's, strictly: every parameter of the adapter and of `heads`, with its shape, and nothing else.
 *
 * @throws {PropriaError} `ADAPTER_FILE` for files that are absent or not sound, with all names that are missing, unexpected or of another shape;
 *   `ADAPTER_BASE` when it was trained on another model; `ADAPTER_NAME`, `ADAPTER_OPTION`, `ADAPTER_SITE` for what the file asks for.
 */
export async function loadAdapter(
  folder: string,
  { config, base, heads = {}, drop = [], adapters = [] }: LoadAdapterOptions,
): Promise<LoadedAdapter> {
  const described = await readConfigFile(join(folder, CONFIG_FILE));
  const path = join(folder, WEIGHTS_FILE);
  const { tensors, metadata, others } = await readSafetensors(path);
  const isWanted = ([name]: [string, unknown]) =>
    Object.hasOwn(heads, name) || !drop.some((head) => name.startsWith(`${head}.`));
  const named = Object.fromEntries(Object.entries(modelNames(tensors)).filter(isWanted));
  const own = Object.fromEntries(Object.entries(named).filter(([name]) => !Object.hasOwn(heads, name)));
  const { adapter, options, parameters } = placed(folder, () => read(described, own, config, adapters));
  const pooler = Object.keys(parameters).some((name) => name.startsWith("bert.pooler."));
  const attachment = placed(folder, () => attach(adapter, { config, options, pooler }));

  const found: HostParameters = { ...withPrefix(parameters), ...pick(named, Object.keys(heads)) };
  refuseDifferences(found, { ...attachment.kept, ...heads }, Object.keys(others), path);
  const known = isBase(metadata, base, { pooler: usesPooler(attachment) });
  if (known === false)
    throw new PropriaError("ADAPTER_BASE", "was trained on another model: the hash of its weights is not this one's", {
      at: folder,
      mend: "use it with the model that it was trained on",
    });
  return {
    attachment,
    parameters: pick(found, Object.keys(attachment.kept)),
    heads: pick(found, Object.keys(heads)),
    baseKnown: known !== undefined,
  };
}

/** What an adapter's folder says before it is loaded. */
export interface AdapterFolder {
  /** Where its model is, if it says. */
  base: string | undefined;
  /** Modules of the model that were trained beside the adapter and lie in its file: `classifier`, `pooler`. */
  modules: readonly string[];
}

/**
 * What the adapter in a folder needs; `undefined` for a folder that holds none.
 *
 * @throws {PropriaError} `ADAPTER_FILE` for a file that is no adapter's configuration.
 */
export async function readAdapterFolder(folder: string): Promise<AdapterFolder | undefined> {
  const path = join(folder, CONFIG_FILE);
  if (!existsSync(path)) return undefined;
  const { base_model_name_or_path: base, modules_to_save: modules } = await readConfigFile(path);
  return { base: base ?? undefined, modules: modules ?? [] };
}

/** For trainings of whole models. @throws {PropriaError} `ADAPTER_INIT` for the folder of an adapter where one is to start. */
export async function refuseAsStart(folder: string): Promise<void> {
  const said = await readAdapterFolder(folder);
  if (!said) return;
  throw new PropriaError("ADAPTER_INIT", "holds an adapter, and a training starts from a whole model", {
    at: folder,
    mend: `merge it into its model (propria adapter merge), or start from that${said.base === undefined ? "" : `, ${said.base}`}`,
  });
}

async function readConfigFile(path: string): Promise<z.output<typeof schema>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw surroundingsError(error, path);
  });
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw fileError("is not an adapter's configuration: a JSON object with peft_type", path);
  }
}

function read(
  described: z.output<typeof schema>,
  own: HostParameters,
  config: EncoderConfig,
  adapters: readonly Adapter[],
) {
  const { peft_type: type } = described;
  if (type === OWN_TYPE) {
    const { adapter: name, options } = ownSchema.parse(described);
    const adapter = adapters.find((each) => each.name === name) ?? namedAdapter(name).adapter;
    return { adapter, options, parameters: own };
  }
  const forms = builtInWithPeft();
  const form = forms.find(({ peft }) => peft.type === type);
  if (!form)
    throw new PropriaError("ADAPTER_FILE", `PEFT's ${type} cannot be read`, {
      mend: `there are ${[...forms.map(({ peft }) => peft.type), OWN_TYPE].join(", ")}`,
    });
  return {
    adapter: form.adapter,
    ...form.peft.read({ config: described as Record<string, Json>, tensors: own }, config),
  };
}

/** Runs `work`; what it finds wrong is in this folder. */
function placed<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof z.ZodError)
      throw fileError(`${error.issues[0]!.path.join(".")}: ${error.issues[0]!.message}`, join(folder, CONFIG_FILE));
    if (!isPropriaError(error) || error.at?.includes(folder)) throw error;
    const { code, message } = error;
    throw new PropriaError(code, message, { at: folder, cause: error });
  }
}

function refuseDifferences(found: HostParameters, wanted: Inits, others: readonly string[], path: string): void {
  const names = { found: Object.keys(found), wanted: Object.keys(wanted) };
  const shapes = names.wanted.flatMap((name) => {
    const shape = found[name]?.shape;
    return shape && `${shape}` !== `${wanted[name]!.shape}`
      ? [`${name} [${shape}] instead of [${wanted[name]!.shape}]`]
      : [];
  });
  const problems = [
    list(
      "missing",
      names.wanted.filter((name) => !Object.hasOwn(found, name)),
    ),
    list("unexpected", [...names.found.filter((name) => !Object.hasOwn(wanted, name)), ...others]),
    list("of another shape", shapes),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw fileError(problems.join("; "), path);
}

const list = (what: string, names: readonly string[]) =>
  names.length > 0 ? `${names.length} ${what}: ${names.join(", ")}` : undefined;

const pick = (parameters: HostParameters, names: readonly string[]): HostParameters =>
  Object.fromEntries(names.flatMap((name) => (parameters[name] ? [[name, parameters[name]]] : [])));
