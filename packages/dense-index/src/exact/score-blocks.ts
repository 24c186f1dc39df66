import { type Backend, type ForwardPass, forwardPass, frozenWeights, type NdArray } from "@propria/engine";
import * as tf from "@tensorflow/tfjs-core";

/** Queries whose scores with a block are in memory at a time. */
const MOST_QUERIES = 128;
/** Shapes that stay compiled: a full block and a growing one, with a few numbers of queries. */
const SESSIONS = 8;

type Product = { queries: NdArray<readonly [number, number]>; vectors: NdArray<readonly [number, number]> };

/** Products of queries with blocks of vectors on the tensor backend. */
export interface BlockScorer {
  /** Scores `[queries, vectors]`, row after row. Both arrays are read in place. */
  scores(queries: Float32Array, vectors: Float32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Compiles nothing yet. */
export function blockScorer(backend: Backend, dimensions: number): BlockScorer {
  const pass: ForwardPass<Product> = forwardPass<Product>({
    backend,
    store: frozenWeights({}),
    sessions: SESSIONS,
    run: (_, { queries, vectors }) => ({ scores: tf.matMul(queries, vectors, false, true) }),
  });
  const matrix = (data: Float32Array): NdArray<readonly [number, number]> => ({
    data,
    shape: [data.length / dimensions, dimensions],
  });
  return {
    async scores(queries, vectors) {
      const { scores } = await pass.run({ queries: matrix(queries), vectors: matrix(vectors) });
      return scores!.data as Float32Array;
    },
    release: () => pass.release(),
  };
}

/** The queries, as many at a time as {@link BlockScorer} should get, and the number of the first. */
export function* queryGroups(queries: Float32Array, dimensions: number): Generator<[Float32Array, number]> {
  const size = MOST_QUERIES * dimensions;
  for (let start = 0; start < queries.length; start += size)
    yield [queries.subarray(start, start + size), start / dimensions];
}
