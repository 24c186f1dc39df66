export { createIndex } from "./create-index.ts";
export type { DenseIndex, IndexInfo, IndexKind, SearchOptions, Similarity } from "./dense-index.ts";
export { factoryForms } from "./faiss/factory.ts";
export { openIndex } from "./open-index.ts";
export type { IndexOptions, OpeningOptions, RunningOptions } from "./options.ts";
export { type Json, requireSameSpace, type Space, spaceHash } from "./space.ts";
export { openVectors, type StoredVectors } from "./vectors/open-vectors.ts";
export { type VectorBatch, type VectorsOptions, writeVectors } from "./vectors/write-vectors.ts";
