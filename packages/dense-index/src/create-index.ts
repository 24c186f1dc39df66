import { backendOf, checkOptions, faiss, faissSettings, hnswSettings, int8Candidates, usearch } from "./cores.ts";
import type { DenseIndex } from "./dense-index.ts";
import { DocumentTable } from "./documents/document-table.ts";
import { ExactCore } from "./exact/exact-core.ts";
import { Int8Core } from "./exact/int8-core.ts";
import { FaissCore } from "./faiss/faiss-core.ts";
import { HnswCore } from "./hnsw/hnsw-core.ts";
import type { IndexCore } from "./index-core.ts";
import type { IndexOptions } from "./options.ts";
import { storedIndex } from "./stored-index.ts";

/**
 * An empty index.
 *
 * @throws {PropriaError} `INDEX_KIND`, `FAISS_FACTORY`, `FAISS_ABSENT`, `FAISS_THREADS`, `USEARCH_ABSENT`, `OPTION_INVALID`, `DIMENSIONS`.
 * @example
 * const index = await createIndex({ kind: "exact", dimensions: 2, similarity: "cosine" });
 * await index.add(["a", "b"], Float32Array.of(1, 0, 0, 1));
 * await index.search(Float32Array.of(3, 4), { depth: 1 }); // [[{ documentId: "b", score: 0.8 }]]
 */
export async function createIndex({
  kind,
  dimensions,
  similarity,
  space,
  ...options
}: IndexOptions): Promise<DenseIndex> {
  const identity = { kind, dimensions, similarity, space };
  const factory = checkOptions(identity, options);
  let core: IndexCore;
  if (factory) core = await FaissCore.create(faissSettings(dimensions, factory, options), await faiss(options));
  else if (kind === "hnsw") core = await HnswCore.open(hnswSettings(dimensions, options), await usearch());
  else {
    const backend = await backendOf(options);
    core =
      options.quantize === "int8"
        ? new Int8Core({ dimensions, backend, candidates: int8Candidates(options) })
        : new ExactCore({ dimensions, backend });
  }
  return storedIndex(identity, new DocumentTable({ reuse: core.reusesRows }), core);
}
