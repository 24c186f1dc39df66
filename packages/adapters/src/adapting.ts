/** What training an adapter has in common, whatever the loss: pre-training, a bi-encoder, a cross-encoder. */
import { seeded } from "@propria/base";
import { ParameterStore } from "@propria/engine";
import type { EncoderConfig, HostParameters } from "@propria/transformer-core";
import { type Attachment, attach, PREFIX } from "./attach.ts";
import { baseHash } from "./base-hash.ts";
import type { NamedAdapter } from "./built-in.ts";

/** An adapter to train on a model, and what is trained beside it. */
export interface Adapting {
  attachment: Attachment;
  /** Names of parameters. */
  heads: readonly string[];
  /** As files tell it. */
  described: DescribedAdapter;
}

/** An adapter by name, without code. */
export type DescribedAdapter = { name: string; options: object; file?: { path: string; sha256: string } };

/** What a note or a training's identity says of an adapter. */
export const describedAdapter = ({ adapter, options, file }: NamedAdapter): DescribedAdapter => ({
  ...{ name: adapter.name, options },
  ...(file && { file }),
});

/**
 * An adapter on a model's shape.
 *
 * @param model `heads`: names of what is trained beside it; `pooler`: whether the model uses its own pooler.
 * @throws {PropriaError} `ADAPTER_OPTION`, `ADAPTER_SITE`.
 */
export function adaptingOf(
  named: NamedAdapter,
  { config, heads = [], pooler = false }: { config: EncoderConfig; heads?: readonly string[]; pooler?: boolean },
): Adapting {
  const attachment = attach(named.adapter, { config, options: named.options, pooler });
  return { attachment, heads, described: describedAdapter({ ...named, options: attachment.options }) };
}

/** What makes two trainings of adapters the same, besides the initial weights. */
export const adapterIdentity = ({ described: { name, options, file } }: Adapting, base: HostParameters) => ({
  ...{ name, options, base: baseHash(base) },
  ...(file && { file: file.sha256 }),
});

/**
 * The model with the adapter beside it, which with the heads is what is trained. An adapter whose values are among the parameters goes on from them, as they are kept; another
 * starts fresh.
 */
export function adapterStore(
  parameters: HostParameters,
  { attachment, heads }: Pick<Adapting, "attachment" | "heads">,
  seed: number,
): ParameterStore {
  const goesOn = Object.keys(attachment.kept).every((name) => Object.hasOwn(parameters, name));
  const own = goesOn ? {} : attachment.initialize(seeded(seed, "adapter"));
  const trainable = (name: string) => name.startsWith(PREFIX) || heads.includes(name);
  return ParameterStore.create({ ...parameters, ...own }, { trainable });
}
