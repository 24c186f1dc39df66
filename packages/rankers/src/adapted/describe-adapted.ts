import { stat } from "node:fs/promises";
import { join } from "node:path";
import { baseHash, type Coverage, countParameters, type ParameterCount } from "@propria/adapters";
import type { Json } from "@propria/transformer-core";
import { type AdaptedOptions, loadWhole } from "./adapted-model.ts";

/** What an adapter's folder holds. */
export interface AdaptedDescription extends Omit<ParameterCount, "coverage"> {
  adapter: string;
  options: Readonly<Record<string, Json>>;
  /** Whether it can be merged into the model's weights. */
  mergeable: boolean;
  /** The model that it stands on: where it is, the hash of its encoder, and whether the adapter's file says that it is this one. */
  base: { folder: string; sha256: string; stated: boolean };
  /** Which sites each pattern found. */
  coverage: readonly Coverage[];
  /** Parameters that were trained beside it. */
  heads: readonly string[];
  /** Of its weights' file. */
  bytes: number;
}

/**
 * Describes an adapter's folder, which must be sound, and its model at hand.
 *
 * @throws {PropriaError} `ADAPTER_FILE`, `ADAPTER_BASE`, `ADAPTER_NAME`.
 */
export async function describeAdapted(folder: string, given: AdaptedOptions = {}): Promise<AdaptedDescription> {
  const { folder: model, config, parameters, attachment, baseKnown, beside } = await loadWhole(folder, given);
  const { adapter, options, parts } = attachment;
  const pooler = parts.some(({ covered }) => covered.some(({ path }) => path.startsWith("bert.pooler.")));
  return {
    ...{ adapter: adapter.name, options: options as Record<string, Json> },
    mergeable: parts.every(({ additions }) => additions !== undefined),
    base: { folder: model, sha256: baseHash(parameters), stated: baseKnown === true },
    ...countParameters(config, adapter, { options, pooler }),
    heads: beside,
    bytes: (await stat(join(folder, "adapter_model.safetensors"))).size,
  };
}
