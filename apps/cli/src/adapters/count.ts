import { countParameters, type ParameterCount, thesisSettings } from "@propria/adapters";
import type { EncoderConfig } from "@propria/transformer-core";
import { chosenAdapter } from "./chosen.ts";

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
 * @throws {PropriaError} `ADAPTER_NAME`, `ADAPTER_FILE`, `OPTION_NAME`, `OPTION_VALUE`, `ADAPTER_SITE`.
 */
export async function countAdapters(
  config: EncoderConfig,
  names: readonly string[],
  given: readonly string[],
): Promise<Counted[]> {
  const chosen = names.length > 0 ? names : thesisSettings.map(({ name }) => name);
  const counted: Counted[] = [];
  for (const name of chosen) {
    const { adapter, options, warning } = await chosenAdapter(name, given);
    counted.push({ adapter: name, ...countParameters(config, adapter, { options }), ...(warning && { warning }) });
  }
  return counted;
}
