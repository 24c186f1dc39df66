import type { Space } from "../space.ts";
import type { VectorBatch } from "./write-vectors.ts";

/** A folder of vectors. */
export interface StoredVectors {
  readonly ids: readonly string[];
  readonly size: number;
  readonly dimensions: number;
  readonly space: Space | undefined;
  readonly quantize: "int8" | undefined;
  /** The vectors in order, `rows` at a time; by default 4096. Each batch is the caller's. */
  batches(rows?: number): AsyncIterable<VectorBatch>;
  close(): Promise<void>;
}

/** Opens a folder of vectors. */
export async function openVectors(_folder: string, _options: { space?: Space } = {}): Promise<StoredVectors> {
  throw new Error("not there yet");
}
