/** Fine-tuning an adapter in the place of a whole model. */
import { type Attachment, attach, baseHash, type NamedAdapter } from "@propria/adapters";
import type { EncoderConfig, HostParameters } from "@propria/transformer-core";

/** What can be fine-tuned so. */
export interface Adaptable {
  /**
   * Trains this adapter, and a head where there is one, while the model's own weights stay; `out` then holds these alone. Give
   * `namedAdapter("lora")`, `namedAdapter("iaa-l@0.5%")`, or `{ adapter, options }` of your own. Default: the whole model is trained.
   */
  adapter?: NamedAdapter;
}

/** An adapter to train on a model, and what of the model is trained beside it. */
export interface Adapting {
  attachment: Attachment;
  /** Names of parameters. */
  heads: readonly string[];
  /** As files tell it. */
  described: DescribedAdapter;
}

/** An adapter by name. */
export type DescribedAdapter = { name: string; options: object; file?: { path: string; sha256: string } };

/** What a note or a training's identity says of an adapter: no code. */
export const describedAdapter = ({ adapter, options, file }: NamedAdapter): DescribedAdapter => ({
  ...{ name: adapter.name, options },
  ...(file && { file }),
});

/**
 * An adapter on a model's shape, `undefined` where none was asked for.
 *
 * @param model `heads`: names of what is trained beside it; `pooler`: whether the model uses its own pooler.
 * @throws {PropriaError} `ADAPTER_OPTION`, `ADAPTER_SITE`.
 */
export function adaptingOf(
  named: NamedAdapter | undefined,
  { config, heads = [], pooler = false }: { config: EncoderConfig; heads?: readonly string[]; pooler?: boolean },
): Adapting | undefined {
  if (!named) return undefined;
  const attachment = attach(named.adapter, { config, options: named.options, pooler });
  return { attachment, heads, described: describedAdapter({ ...named, options: attachment.options }) };
}

/** What makes two trainings of adapters the same, besides the initial weights. */
export const adapterIdentity = ({ described: { name, options, file } }: Adapting, base: HostParameters) => ({
  ...{ name, options, base: baseHash(base) },
  ...(file && { file: file.sha256 }),
});
