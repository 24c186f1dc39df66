/** The settings of the kinds. */
import type { Backend } from "@propria/engine";
import type { IndexKind, Similarity } from "./dense-index.ts";
import type { Space } from "./space.ts";

/** How an index runs, whatever is in it. */
export interface RunningOptions {
  /** Threads of a search or of an addition; by default one for each core. One gives the same index each time. */
  threads?: number;
  /** Of `exact`: what multiplies; by default onnxruntime on the processor (`openBackend("onnx", { threads })`). */
  backend?: Backend;
  /** Of `hnsw` and `faiss:HNSW`: nodes that a search keeps at hand; more finds more and takes longer. Default 64. A guess. */
  efSearch?: number;
  /** Of `faiss:IVF`: lists that a search visits. Default: 1 in 16 of them, at least 1. A guess. */
  nprobe?: number;
  /** Of `hnsw` and of `exact` with int8: candidates for each wanted document that are scored again exactly. Default 2, of int8 4. A guess. */
  candidates?: number;
}

/** What {@link createIndex} takes. */
export interface IndexOptions extends RunningOptions {
  kind: IndexKind;
  dimensions: number;
  similarity: Similarity;
  /** The space of the vectors, kept with the index. */
  space?: Space;
  /** Of `exact`: `int8` reads a quarter of the memory for each query and scores the best candidates again exactly. */
  quantize?: "int8";
  /** Of `hnsw`: links of a node in the upper layers, twice as many in the lowest. Default 16, usearch's. */
  connectivity?: number;
  /** Of `hnsw` and `faiss:HNSW`: nodes at hand while one is added. Default 128, usearch's; of faiss 40. */
  efConstruction?: number;
  /** Of `hnsw`: what the graph keeps of a vector; scores are exact in any case. Default `bf16`. */
  precision?: "f32" | "bf16" | "i8";
}

/** What {@link openIndex} takes. */
export interface OpeningOptions extends RunningOptions {
  /** The space of the queries to come: an index of another one is refused. */
  space?: Space;
}
