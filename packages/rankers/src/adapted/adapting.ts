/** Fine-tuning an adapter in the place of a whole model. */
import { type Adapting, adaptingOf, type NamedAdapter } from "@propria/adapters";
import { PropriaError } from "@propria/base";
import { readModelCard } from "@propria/transformer-core";
import type { AdaptedOptions, LoadedModel } from "./adapted-model.ts";

/** What can be fine-tuned so. */
export interface Adaptable extends AdaptedOptions {
  /**
   * Trains this adapter, and a head where there is one, while the model's own weights stay; `out` then holds these alone. Give
   * `namedAdapter("lora")`, `namedAdapter("iaa-l@0.5%")`, or `{ adapter, options }` of your own. Default: the whole model is trained, or, where
   * `init` is the folder of an adapter, that one goes on.
   */
  adapter?: NamedAdapter;
}

/**
 * The adapter that a training trains: the one that was asked for, or the one that `init` holds; `undefined` for a whole model.
 *
 * @param heads What of the model is trained beside it; where the adapter's folder holds heads, those too.
 * @param pooler Whether the model uses its own pooler.
 * @throws {PropriaError} `ADAPTER_INIT` for another adapter than that of `init`; `ADAPTER_OPTION`, `ADAPTER_SITE`.
 */
export async function trainedAdapter(
  { init, adapter }: Adaptable & { init: string },
  { config, attachment }: Pick<LoadedModel, "config" | "attachment">,
  { heads = [], pooler = false }: { heads?: readonly string[]; pooler?: boolean } = {},
): Promise<Adapting | undefined> {
  if (!attachment) return adapter && adaptingOf(adapter, { config, heads, pooler });
  if (adapter)
    throw new PropriaError(
      "ADAPTER_INIT",
      `holds the adapter ${attachment.adapter.name}, which a training goes on with`,
      {
        at: init,
        mend: "name no adapter; or start from the model, or from one that the adapter is merged into",
      },
    );
  const card = await readModelCard(init);
  const { file } = (card?.provenance.adapter ?? {}) as Pick<NamedAdapter, "file">;
  const { adapter: own, options } = attachment;
  return { attachment, heads, described: { name: own.name, options, ...(file && { file }) } };
}
