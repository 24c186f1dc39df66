import type { DenseIndex } from "./dense-index.ts";
import type { OpeningOptions } from "./options.ts";

/** An index from a folder. */
export async function openIndex(_folder: string, _options: OpeningOptions = {}): Promise<DenseIndex> {
  throw new Error("not there yet");
}
