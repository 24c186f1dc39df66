/** Which model made the vectors in a folder: recorded by `encode` and `index`, read by `search` and `mine`. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { PropriaError } from "@propria/base";
import { savedAdapterFlags } from "../flags/adapter.ts";
import { type EncodingFlags, encodingFlags } from "../flags/encoding.ts";
import { readEcho } from "../flags/settings.ts";

/** A model's folder and the flags that it was opened with. */
export interface RecordedModel {
  /** Absolute path. */
  model: string;
  /** Those that were given. */
  encoding: Partial<EncodingFlags>;
}

/** What to record of a model that was opened. */
export function recordOf(folder: string, flags: EncodingFlags): RecordedModel {
  const names = Object.keys(encodingFlags) as (keyof EncodingFlags)[];
  const encoding = Object.fromEntries(
    names.flatMap((name) => (flags[name] === undefined ? [] : [[name, absolute(name, flags[name])]])),
  );
  return { model: resolve(folder), encoding };
}

const absolute = (name: keyof EncodingFlags, value: unknown) =>
  Object.hasOwn(savedAdapterFlags, name) ? resolve(String(value)) : value;

/** What stands in a folder of vectors or of an index; undefined where another program than this made it. */
export async function recordedModel(folder: string): Promise<RecordedModel | undefined> {
  return (await readEcho(folder))?.madeBy as RecordedModel | undefined;
}

/**
 * The model to ask an index with, and how to open it: flags win over what the index' folder records.
 *
 * @throws {PropriaError} `FLAG_MISSING` when no model is given and none recorded, or the recorded folder is gone.
 */
export async function modelFor(
  index: string,
  model: string | undefined,
  flags: EncodingFlags,
): Promise<{ folder: string; encoding: EncodingFlags }> {
  const recorded = await recordedModel(index);
  const folder = model ?? recorded?.model;
  if (folder === undefined)
    throw new PropriaError("FLAG_MISSING", "does not say which model made its vectors", {
      at: index,
      mend: "give --model DIR",
    });
  if (model === undefined && !existsSync(folder))
    throw new PropriaError("FLAG_MISSING", `the model that made its vectors is no longer at ${folder}`, {
      at: index,
      mend: "give --model DIR",
    });
  return { folder, encoding: { ...flags, ...recorded?.encoding, ...definedOf(flags) } };
}

const definedOf = (flags: EncodingFlags): Partial<EncodingFlags> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
