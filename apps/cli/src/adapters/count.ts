import { countParameters, namedAdapter, type ParameterCount, thesisSettings } from "@propria/adapters";
import { objectiveOptions } from "@propria/objectives";
import type { EncoderConfig } from "@propria/transformer-core";

/** The size of one adapter. */
export interface Counted extends ParameterCount {
  adapter: string;
  /** Where the thesis prints another share than the true one. */
  warning?: string;
}

/**
 * The sizes of adapters on an encoder's shape; of the thesis' settings where none is named.
 *
 * @param given `name=value`, each an option of every adapter named.
 * @throws {PropriaError} `ADAPTER_NAME`, `OPTION_NAME`, `OPTION_VALUE`, `ADAPTER_SITE`.
 */
export function countAdapters(config: EncoderConfig, names: readonly string[], given: readonly string[]): Counted[] {
  const chosen = names.length > 0 ? names : thesisSettings.map(({ name }) => name);
  return chosen.map((name) => {
    const { adapter, options, warning } = namedAdapter(name);
    const read = objectiveOptions(adapter, given); // with the adapter's defaults, of which those given count
    const named = given.map((pair) => pair.slice(0, pair.indexOf("=")));
    const changes = Object.fromEntries(named.map((option) => [option, read[option]]));
    const counted = countParameters(config, adapter, { options: { ...options, ...changes } });
    return { adapter: name, ...counted, ...(warning && named.length === 0 && { warning }) };
  });
}
