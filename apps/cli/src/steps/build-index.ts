/** Dense indexes, made from batches of vectors. */
import { createIndex, type DenseIndex, type IndexKind, type Space, type VectorBatch } from "@propria/dense-index";
import type { Values } from "../flags/flag.ts";
import type { buildingFlags, searchingFlags } from "../flags/indexing.ts";
import { given } from "../program/given.ts";

/** Flags that decide what an index is. */
export interface IndexFlags extends Partial<Values<typeof buildingFlags> & Values<typeof searchingFlags>> {
  /** `exact`, `hnsw` or `faiss:FACTORY`. */
  type: string;
  threads: number | undefined;
}

/** Vectors as they come, and what they are. */
export interface Vectors {
  dimensions: number;
  space: Space | undefined;
  batches(): AsyncIterable<VectorBatch>;
}

/** An index of the vectors, which are asked for when the index is known to be one. Compared as their space says, else by dot product. */
export async function buildIndex(
  { type, threads, quantize, connectivity, efConstruction, precision, efSearch, nprobe, candidates }: IndexFlags,
  { dimensions, space, batches }: Vectors,
): Promise<DenseIndex> {
  const index = await createIndex({
    kind: type as IndexKind,
    dimensions,
    similarity: space?.similarity === "cosine" ? "cosine" : "dot",
    ...given({ space, threads, quantize, connectivity, efConstruction, precision, efSearch, nprobe, candidates }),
  });
  try {
    for await (const { ids, vectors } of batches()) await index.add(ids, vectors);
    return index;
  } catch (error) {
    await index.release();
    throw error;
  }
}
