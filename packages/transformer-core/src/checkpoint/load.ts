/** A model folder of Hugging Face files to a config and parameters on the host. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PropriaError, type Random } from "@propria/base";
import type { EncoderConfig } from "../config.ts";
import type { HostParameter, HostParameters, Inits } from "../host-parameters.ts";
import { encoderInits, initializeFrom } from "../initialize.ts";
import { readConfig } from "./config-json.ts";
import { readSafetensors } from "./safetensors.ts";

/** What to load besides the encoder, and what to do about names that only one side has. */
export interface LoadOptions {
  /** Parameters wanted besides the encoder's, by full name: `(config) => ({ ...poolerInits(config), ...rankingInits(config) })`. */
  heads?: (config: EncoderConfig) => Inits;
  /** Heads that start fresh where the file lacks them, by name or by what stands before a dot: `["classifier", "bert.pooler"]`. */
  fresh?: readonly string[];
  /** Parameters of the file to leave out, by name or by what stands before a dot: `["cls"]`. */
  drop?: readonly string[];
  /** Draws what starts fresh; needed with `fresh`. */
  random?: Random;
}

/** A loaded model. */
export interface Checkpoint {
  config: EncoderConfig;
  /** The encoder's and then the heads' parameters, in the order of the forward pass, under their `bert.` names. */
  parameters: HostParameters;
  /** Names that the file lacked and that started fresh. */
  fresh: string[];
  /** Names of the file that were left out because `drop` said so. */
  dropped: string[];
}

/**
 * Loads `config.json` and `model.safetensors`, strictly: every parameter of the encoder and of `heads` must be there,
 * with its shape, and nothing else.
 *
 * Known and accepted without being asked for: names without the prefix `bert.` (sentence-transformers, MiniLM), the
 * names `gamma` and `beta` of old LayerNorms, `position_ids` buffers, and the copies of the tied decoder, which must
 * equal what they are copies of.
 *
 * @throws {PropriaError} `CHECKPOINT` listing missing and unexpected names and wrong shapes; `CONFIG_FILE`; `SAFETENSORS`.
 */
export async function loadCheckpoint(folder: string, options: LoadOptions = {}): Promise<Checkpoint> {
  const config = await readConfig(folder);
  const path = join(folder, "model.safetensors");
  if (!existsSync(path) && existsSync(join(folder, "pytorch_model.bin")))
    throw new PropriaError("CHECKPOINT", "holds pytorch_model.bin and no model.safetensors", {
      at: folder,
      mend: "save it with transformers' save_pretrained, which writes safetensors",
    });
  const { tensors, others } = await readSafetensors(path);
  const found = withoutDecoderCopies(rename(tensors, path), path);
  const buffers = Object.entries(others).filter(([name]) => !/(^|\.)position_ids$/.test(name));
  const wanted: Inits = { ...encoderInits(config), ...options.heads?.(config) };
  return { config, ...reconcile(found, wanted, buffers, path, options) };
}

/** Today's names with the prefix `bert.`: `embeddings.LayerNorm.gamma` -> `bert.embeddings.LayerNorm.weight`. */
function rename(tensors: HostParameters, path: string): Map<string, HostParameter> {
  const renamed = new Map<string, HostParameter>();
  for (const [name, weight] of Object.entries(tensors)) {
    const today = name
      .replace(/^(embeddings|encoder|pooler)\./, "bert.$1.")
      .replace(/\.gamma$/, ".weight")
      .replace(/\.beta$/, ".bias");
    if (renamed.has(today))
      throw new PropriaError("CHECKPOINT", `holds ${today} twice, under an old and a new name`, { at: path });
    if (!/(^|\.)position_ids$/.test(today)) renamed.set(today, weight);
  }
  return renamed;
}

/** Copies of tied parameters by what they are copies of. */
const TIED = {
  "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
  "cls.predictions.decoder.bias": "cls.predictions.bias",
};

function withoutDecoderCopies(found: Map<string, HostParameter>, path: string): Map<string, HostParameter> {
  for (const [copy, original] of Object.entries(TIED)) {
    const copied = found.get(copy);
    if (!copied) continue;
    const kept = found.get(original);
    if (kept && !equal(kept.data, copied.data))
      throw new PropriaError("CHECKPOINT", `${copy} differs from ${original}`, {
        at: path,
        mend: "only models whose decoder is tied to the word embeddings can be read",
      });
    found.delete(copy);
    found.set(original, copied);
  }
  return found;
}

const equal = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((value, i) => value === b[i]);

function reconcile(
  found: ReadonlyMap<string, HostParameter>,
  wanted: Inits,
  buffers: readonly (readonly [name: string, type: string])[],
  path: string,
  { fresh = [], drop = [], random }: LoadOptions,
): Omit<Checkpoint, "config"> {
  const lacking = Object.keys(wanted).filter((name) => !found.has(name));
  const mayBeFresh = lacking.filter((name) => isUnder(name, fresh));
  const extra = [...found.keys(), ...buffers.map(([name]) => name)].filter((name) => !Object.hasOwn(wanted, name));
  const dropped = extra.filter((name) => isUnder(name, drop));
  const halves = fresh.filter((head) => isHalfThere(head, found, mayBeFresh, wanted));

  const problems = [
    list("missing", [
      ...lacking.filter((name) => !isUnder(name, fresh)),
      ...halves.flatMap((head) => mayBeFresh.filter((name) => isUnder(name, [head]))),
    ]),
    list(
      "unexpected",
      extra.filter((name) => !isUnder(name, drop)),
    ),
    list("of another shape", wrongShapes(found, wanted)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0)
    throw new PropriaError("CHECKPOINT", problems.join("; "), {
      at: path,
      mend: "heads that shall start fresh, and parameters that shall be left out, are asked for by name",
    });

  if (mayBeFresh.length > 0 && !random) throw new Error("loadCheckpoint: fresh heads need `random`");
  const drawn = random ? initializeFrom(pick(wanted, mayBeFresh), random) : {};
  const parameters = Object.fromEntries(
    Object.keys(wanted).map((name) => [name, (found.get(name) ?? drawn[name]) as HostParameter]),
  );
  return { parameters, fresh: mayBeFresh, dropped };
}

const isUnder = (name: string, heads: readonly string[]) =>
  heads.some((head) => name === head || name.startsWith(`${head}.`));

/** A head of which the file has one part and lacks another was not left out on purpose: the file is damaged. */
const isHalfThere = (
  head: string,
  found: ReadonlyMap<string, HostParameter>,
  lacking: readonly string[],
  wanted: Inits,
) =>
  lacking.some((name) => isUnder(name, [head])) &&
  Object.keys(wanted).some((name) => isUnder(name, [head]) && found.has(name));

const wrongShapes = (found: ReadonlyMap<string, HostParameter>, wanted: Inits) =>
  Object.entries(wanted).flatMap(([name, { shape }]) => {
    const weight = found.get(name);
    return weight && `${weight.shape}` !== `${shape}` ? [`${name} [${weight.shape}] instead of [${shape}]`] : [];
  });

const list = (what: string, names: readonly string[]) =>
  names.length > 0 ? `${names.length} ${what}: ${names.join(", ")}` : undefined;

const pick = (inits: Inits, names: readonly string[]): Inits =>
  Object.fromEntries(names.map((name) => [name, inits[name]!]));
