import { PropriaError } from "@propria/base";
import type { ExampleSource, SourceModule, SourceSpec } from "./source.ts";

/**
 * Imports a source module and opens its source, in this thread.
 *
 * @throws {PropriaError} `SOURCE_MODULE` when it cannot be found or exports no `openSource`.
 */
export async function openSource({ module, options }: SourceSpec): Promise<ExampleSource<unknown>> {
  const loaded = await load(module);
  if (typeof loaded.openSource !== "function")
    throw new PropriaError("SOURCE_MODULE", "the module exports no function openSource", { at: module });
  return loaded.openSource(options);
}

async function load(module: string): Promise<Partial<SourceModule<unknown>>> {
  try {
    return (await import(/* @vite-ignore */ module)) as Partial<SourceModule<unknown>>;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw cause;
    throw new PropriaError("SOURCE_MODULE", `the source of examples cannot be imported: ${(cause as Error).message}`, {
      at: module,
      mend: "give a file URL (file:///…) or the name of an installed package",
      cause,
    });
  }
}
