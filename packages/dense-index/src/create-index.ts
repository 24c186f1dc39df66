import type { DenseIndex } from "./dense-index.ts";
import type { IndexOptions } from "./options.ts";

/** An empty index. */
export async function createIndex(_options: IndexOptions): Promise<DenseIndex> {
  throw new Error("not there yet");
}
