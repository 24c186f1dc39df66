/** Flags of what trains an adapter, and of what opens the folder of one. */
import { countParameters, type NamedAdapter, readAdapterFolder } from "@propria/adapters";
import { PropriaError } from "@propria/base";
import { openAdapter } from "@propria/objectives";
import type { AdaptedOptions } from "@propria/rankers";
import { readConfig } from "@propria/transformer-core";
import { chosenAdapter } from "../adapters/chosen.ts";
import type { CommandContext } from "../program/command.ts";
import { type Flags, pairs, text, type Values } from "./flag.ts";
import { refuseForeign } from "./foreign.ts";

/** What is trained in the place of the whole model. */
export const adapterFlags = {
  adapter: text(
    "NAME|FILE",
    "train an adapter and leave the model as it is: lora, iaa-l@0.5%, … (propria adapter count), or a .ts or .js file that exports one; --out is its folder. That of --init, where it is the folder of one, goes on",
  ),
  adapterOption: pairs("k=v", "an option of the adapter; may be repeated"),
} as const satisfies Flags;

/**
 * The adapter to train, whose size the reader is told; without one no member. The folder of an adapter has its own, with which a training refuses another.
 *
 * @param flags `init`: the folder of the model; `pooler`: whether it uses its pooler.
 * @throws {PropriaError} `FLAG_CONFLICT` for options of none; `FLAG_MISSING` for one without a model; those of `chosenAdapter`; `ADAPTER_SITE`.
 */
export async function adapterOf(
  {
    adapter: name,
    adapterOption,
    init,
    pooler = false,
  }: Values<typeof adapterFlags> & { init: string | undefined; pooler?: boolean },
  { note }: Pick<CommandContext, "note">,
): Promise<{ adapter?: NamedAdapter }> {
  if (name === undefined) {
    refuseForeign({ adapterOption: adapterOption.length > 0 }, "a training without --adapter");
    return {};
  }
  if (init === undefined)
    throw new PropriaError("FLAG_MISSING", "needs a model to stand on", { at: "--adapter", mend: "give --init DIR" });
  const chosen = await chosenAdapter(name, adapterOption);
  if (await readAdapterFolder(init)) return { adapter: chosen };
  const { adapter, options, warning } = chosen;
  const { weights, biases, percentWithBiases } = countParameters(await readConfig(init), adapter, { options, pooler });
  const count = (weights + biases).toLocaleString("en");
  note(`${name}: ${count} parameters, ${percentWithBiases.toFixed(3)} % of the model's`);
  if (warning) note(`${name}: ${warning}`);
  return { adapter: chosen };
}

/** What the folder of an adapter may need besides. */
export const savedAdapterFlags = {
  base: text("DIR", "of an adapter's folder: where its model is; default: where it was in training"),
  adapterFile: text("FILE", "of an adapter of your own: the .ts or .js file that defines it"),
} as const satisfies Flags;

/** The same for the library. */
export async function savedAdapterOf({ base, adapterFile }: Values<typeof savedAdapterFlags>): Promise<AdaptedOptions> {
  return {
    ...(base !== undefined && { base }),
    ...(adapterFile !== undefined && { adapters: [(await openAdapter(adapterFile)).adapter] }),
  };
}
