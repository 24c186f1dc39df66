/** A model from disk: a folder of its own, or that of an adapter, whose model is in another. */
import { existsSync } from "node:fs";
import { type Adapter, type Attachment, adapterHash, loadAdapter, readAdapterFolder } from "@propria/adapters";
import { isPropriaError, PropriaError, type Random, seeded } from "@propria/base";
import { type Dropout, noDropout, type Parameters, type Scope, scope } from "@propria/engine";
import {
  type EncoderConfig,
  type EncodingContract,
  encodingSpace,
  type HostParameters,
  type Inits,
  type Json,
  loadCheckpoint,
  maskedLanguageModelInits,
  readConfig,
  readModelCard,
} from "@propria/transformer-core";
import { crossEncoderInits } from "../cross-encoder.ts";

/** What an adapter's folder may need besides. */
export interface AdaptedOptions {
  /** Where the model is that the adapter was trained on; default: where it was then. */
  base?: string;
  /** Adapters of your own, one of which the folder names. */
  adapters?: readonly Adapter[];
}

/** A loaded model. */
export interface LoadedModel {
  /** Where its configuration, its vocabulary and its own weights are. */
  folder: string;
  config: EncoderConfig;
  /** Its own, and the adapter's beside them. */
  parameters: HostParameters;
  attachment?: Attachment | undefined;
  /** Of the adapter. */
  hash?: string;
  /** Whether its file says which model it stands on; then it is this one. */
  baseKnown?: boolean;
  /** Names of parameters that were absent and start fresh. */
  fresh: readonly string[];
  /** Names of the heads that lie in the adapter's folder. */
  beside: readonly string[];
}

/** Heads that a model may have and that not everybody has a use for. */
const HEADS = ["cls", "classifier", "bert.pooler"];

/**
 * Loads an encoder with the heads wanted; others are passed over. Heads that were trained beside an adapter lie in its folder.
 *
 * @throws {PropriaError} `ADAPTER_BASE` for an adapter whose model is not at hand, or another; `ADAPTER_NAME` for one of your own that was not given; what `loadAdapter` and `loadCheckpoint` throw.
 */
export async function loadModel(
  folder: string,
  { heads = () => ({}), drop, fresh = [], random, base, adapters = [] }: ModelOptions,
): Promise<LoadedModel> {
  const said = await readAdapterFolder(folder);
  const drawn = { fresh, ...(random && { random }) };
  if (!said) return { ...(await loadCheckpoint(folder, { heads, drop, ...drawn })), folder, beside: [] };
  const model = await modelFolder(folder, base);
  const wanted = Object.entries(heads(await readConfig(model)));
  const isSaved = ([name]: [string, unknown]) => said.modules.includes(name.replace(/^bert\./, "").split(".")[0]!);
  const others = wanted.filter((head) => !isSaved(head));
  const headsOfModel = { heads: () => Object.fromEntries(others), drop: HEADS, ...drawn };
  const { config, parameters, fresh: lacking } = await loadCheckpoint(model, headsOfModel);
  const saved = Object.fromEntries(wanted.filter(isSaved));
  const options = { config, base: parameters, heads: saved, drop, adapters };
  const loaded = await loadAdapter(folder, options).catch(async (error: unknown) => {
    throw (await ownAdapter(error, folder)) ?? error;
  });
  return {
    ...{ folder: model, config, parameters: { ...parameters, ...loaded.heads, ...loaded.parameters } },
    ...{
      attachment: loaded.attachment,
      hash: adapterHash(loaded),
      baseKnown: loaded.baseKnown,
      fresh: lacking,
      beside: Object.keys(saved),
    },
  };
}

/**
 * The adapter in a folder on its model, with all of BERT's heads that the one or the other has.
 *
 * @throws {PropriaError} `ADAPTER_FILE` for a folder that holds none; those of {@link loadModel}.
 */
export async function loadWhole(
  folder: string,
  options: AdaptedOptions,
): Promise<LoadedModel & { attachment: Attachment }> {
  if (!(await readAdapterFolder(folder)))
    throw new PropriaError("ADAPTER_FILE", "holds no adapter", { at: folder, mend: "name the folder of one" });
  const heads = (config: EncoderConfig): Inits => ({
    ...maskedLanguageModelInits(config),
    ...crossEncoderInits(config),
  });
  const loaded = await loadModel(folder, { heads, drop: [], fresh: HEADS, random: seeded(0), ...options });
  const { attachment, parameters, fresh } = loaded;
  return { ...loaded, attachment: attachment!, parameters: without(parameters, fresh) };
}

/** All parameters but those of these names. */
export const without = (parameters: HostParameters, names: readonly string[]): HostParameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));

/**
 * The folder of the model itself: an adapter's is elsewhere.
 *
 * @param base Where it is, if it is not where the adapter's folder says.
 * @throws {PropriaError} `ADAPTER_BASE` when it is not at hand.
 */
export async function modelFolder(folder: string, base?: string): Promise<string> {
  const said = await readAdapterFolder(folder);
  if (!said) return folder;
  const model = base ?? said.base;
  if (model === undefined || !existsSync(model)) throw noBase(folder, model);
  return model;
}

interface ModelOptions extends AdaptedOptions {
  /** Wanted besides the encoder. */
  heads?: (config: EncoderConfig) => Inits;
  /** Parameters to pass over, of the model and of an adapter's file. */
  drop: readonly string[];
  /** Heads that start fresh where they are absent, and what draws them. */
  fresh?: readonly string[];
  random?: Random;
}

/** What decides the numbers that come out: `encodingSpace` of the model, and the adapter's hash. */
export async function spaceOf(
  { folder, hash }: Pick<LoadedModel, "folder" | "hash">,
  contract: EncodingContract,
): Promise<Record<string, Json>> {
  return { ...(await encodingSpace(folder, contract)), ...(hash !== undefined && { adapter: hash }) };
}

/** The scope over all parameters, with what is attached to the encoder. */
export const adaptedScope = (
  parameters: Parameters,
  attachment: Attachment | undefined,
  dropout: Dropout = noDropout,
): Scope => scope(parameters, "", { dropout, ...(attachment && { sites: attachment.sites(parameters, { dropout }) }) });

const noBase = (at: string, model: string | undefined) =>
  new PropriaError(
    "ADAPTER_BASE",
    model === undefined
      ? "holds an adapter and does not say where its model is"
      : `holds an adapter, and its model is expected at ${model}, where there is none`,
    { at, mend: "give the model's folder as base" },
  );

/** The error for an adapter that is not built in, where the folder remembers the file that defines it. */
async function ownAdapter(error: unknown, at: string): Promise<PropriaError | undefined> {
  if (!isPropriaError(error) || error.code !== "ADAPTER_NAME") return undefined;
  const card = await readModelCard(at);
  const { name, file } = (card?.provenance.adapter ?? {}) as { name?: string; file?: { path: string } };
  if (file === undefined) return undefined;
  return new PropriaError("ADAPTER_NAME", `${name} is an adapter of your own, defined in ${file.path}`, {
    ...{ at, cause: error },
    mend: "give that file too",
  });
}
