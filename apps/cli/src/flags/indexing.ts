/** Flags of a dense index. */
import { choice, type Flags, integer } from "./flag.ts";

/** How an index is built. */
export const buildingFlags = {
  quantize: choice(["int8"], "of exact: read a quarter of the memory, and score the best again exactly"),
  connectivity: integer("N", "of hnsw: links of a node; default: 16"),
  efConstruction: integer("N", "of hnsw and faiss:HNSW: nodes at hand while one is added; default: 128, of faiss 40"),
  precision: choice(["f32", "bf16", "i8"], "of hnsw: what the graph keeps of a vector; default: bf16"),
} as const satisfies Flags;

/** How it is searched: kept when it is built, and to be changed when it is searched. */
export const searchingFlags = {
  efSearch: integer("N", "of hnsw and faiss:HNSW: nodes that a search keeps at hand; default: 64. A guess"),
  nprobe: integer("N", "of faiss:IVF: lists that a search visits; default: 1 in 16. A guess"),
  candidates: integer(
    "N",
    "of hnsw, and of exact with int8: candidates for each document, which are scored exactly; default: 2, of int8 4. A guess",
  ),
} as const satisfies Flags;
