/** The adapter that `--adapter` and `--adapter-option` name. */
import type { NamedAdapter } from "@propria/adapters";
import { objectiveOptions, openAdapter } from "@propria/objectives";

/**
 * An adapter by name or from a file, with the options that were given.
 *
 * @param given `name=value`, over what the name says.
 * @throws {PropriaError} `ADAPTER_NAME`, `ADAPTER_FILE`, `OPTION_NAME`, `OPTION_VALUE`.
 */
export async function chosenAdapter(nameOrFile: string, given: readonly string[]): Promise<NamedAdapter> {
  const { adapter, options, warning, file } = await openAdapter(nameOrFile);
  const read = objectiveOptions(adapter, given); // with the adapter's defaults, of which those given count
  const changes = given.map((pair) => pair.slice(0, pair.indexOf("="))).map((name) => [name, read[name]]);
  return {
    ...{ adapter, options: { ...options, ...Object.fromEntries(changes) } },
    ...(warning && given.length === 0 && { warning }),
    ...(file && { file }),
  };
}
