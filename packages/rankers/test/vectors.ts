/** For tests: a model that reads vectors off its texts, and an index that compares every pair. No model and index of ours is under test with them. */
import type { DenseIndex, Space } from "@propria/dense-index";
import { ranked } from "@propria/metrics";
import type { QueryEncoder } from "../src/retrieval/retrieve.ts";

export const SPACE: Space = { texts: "single", pooling: "cls", similarity: "dot", normalize: false, weights: "w1" };

/** Texts are numbers with blanks between them: `"1 0.5"`. Counts what it is asked. */
export function numberReader(dimensions: number, space: Space = SPACE) {
  const calls: number[] = [];
  const encodeQueries = async (texts: readonly string[]): Promise<Float32Array> => {
    calls.push(texts.length);
    return Float32Array.from(texts.flatMap((text) => text.split(" ").map(Number)));
  };
  return { space, dimensions, encodeQueries, calls } satisfies QueryEncoder & { calls: number[] };
}

/** Exact, by dot product. */
export function plainIndex(documents: ReadonlyMap<string, readonly number[]>, space: Space | undefined = SPACE) {
  const dimensions = documents.values().next().value?.length ?? 0;
  const blocks: number[] = [];
  const search: DenseIndex["search"] = async (queries, { depth }) => {
    const count = queries.length / dimensions;
    blocks.push(count);
    return Array.from({ length: count }, (_, query) => {
      const scored = [...documents].map(([documentId, vector]) => ({
        documentId,
        score: vector.reduce((sum, value, i) => sum + value * queries[query * dimensions + i]!, 0),
      }));
      return ranked(scored).slice(0, depth);
    });
  };
  return { dimensions, similarity: "dot" as const, space, search, blocks };
}
