import type { Space } from "../space.ts";

/** Documents with their vectors, float32 `[ids, dimensions]`. */
export interface VectorBatch {
  ids: readonly string[];
  vectors: Float32Array;
}

/** What {@link writeVectors} takes. */
export interface VectorsOptions {
  dimensions: number;
  space?: Space | undefined;
  /** `int8`: a byte for each number and a scale for each vector, a quarter of the size. */
  quantize?: "int8" | undefined;
}

/** Writes vectors to a folder. */
export async function writeVectors(
  _folder: string,
  _options: VectorsOptions,
  _batches: AsyncIterable<VectorBatch> | Iterable<VectorBatch>,
): Promise<{ count: number }> {
  throw new Error("not there yet");
}
