import { PropriaError } from "@propria/base";
import type { Adapter, PeftForm } from "./define-adapter.ts";
import { adapter } from "./methods/adapter.ts";
import { bitfit } from "./methods/bitfit.ts";
import { aside, iaaLarge, iaaMedium, iaaSmall, insideAndAside } from "./methods/iaa.ts";
import { lora } from "./methods/lora.ts";
import { mam } from "./methods/mam.ts";
import { parallel } from "./methods/parallel.ts";
import { prefix } from "./methods/prefix.ts";
import { thesisSettings } from "./thesis-settings.ts";

const all: readonly Adapter[] = [
  adapter,
  aside,
  bitfit,
  iaaLarge,
  iaaMedium,
  iaaSmall,
  lora,
  mam,
  parallel,
  prefix,
] as Adapter[];

const around = { "iaa-s": "sublayer", "iaa-l": "layer", "iaa-m": "stack" } as const;

/** The names of the built-in adapters. */
export const builtInAdapters = (): string[] => all.map(({ name }) => name);

/** An adapter by name, and what the name says of its options. */
export interface NamedAdapter {
  adapter: Adapter;
  options: Readonly<Record<string, unknown>>;
  /** What a reader of the thesis should know: where the printed budget is not the true one. */
  warning?: string;
  /** Of one's own: the file that defines it, and the hash of its text. */
  file?: { path: string; sha256: string };
}

/**
 * A built-in adapter: `lora`; a setting of the thesis, `iaa-l@0.5%`; IAA around another than Houlsby's, `iaa-l:lora`.
 *
 * @throws {PropriaError} `ADAPTER_NAME` for another name.
 */
export function namedAdapter(name: string): NamedAdapter {
  const setting = thesisSettings.find((each) => each.name === name);
  if (setting) {
    const { options, warning } = setting;
    return { adapter: namedAdapter(setting.adapter).adapter, options, ...(warning && { warning }) };
  }
  const found = all.find((each) => each.name === name);
  if (found) return { adapter: found, options: {} };
  const [outer, inner] = name.split(/:(.*)/s);
  const inside = all.find((each) => each.name === inner);
  if (inside && Object.hasOwn(around, outer!))
    return { adapter: insideAndAside(around[outer as keyof typeof around], inside), options: {} };
  throw new PropriaError("ADAPTER_NAME", `no adapter is called ${JSON.stringify(name)}`, {
    mend: `one of ${builtInAdapters().join(", ")}; iaa-l:lora and so on; or, as in the thesis, ${thesisSettings.map((each) => each.name).join(", ")}`,
  });
}

/** Those that PEFT has too. */
export const builtInWithPeft = (): { adapter: Adapter; peft: PeftForm<Record<string, unknown>> }[] =>
  all.flatMap((adapter) => (!adapter.parts && adapter.peft ? [{ adapter, peft: adapter.peft }] : []));
