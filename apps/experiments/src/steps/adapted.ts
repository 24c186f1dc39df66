/** A fine-tuning that trains an adapter in the place of the model. */
import { type NamedAdapter, namedAdapter } from "@propria/adapters";
import type { Json } from "../graph/canonical.ts";

/** An adapter by name, `lora` or `iaa-l@0.5%`, and options beside those that the name says. */
export type AdapterSettings = { name: string; options?: { readonly [name: string]: Json } };

/** What the name and the options mean. */
export function adapterOf({ name, options }: AdapterSettings): NamedAdapter {
  const named = namedAdapter(name);
  return { ...named, options: { ...named.options, ...options } };
}

/** Settings of a step as a fine-tuning takes them. */
export const adapted = <Settings extends { adapter?: AdapterSettings }>({ adapter, ...settings }: Settings) => ({
  ...settings,
  ...(adapter && { adapter: adapterOf(adapter) }),
});
