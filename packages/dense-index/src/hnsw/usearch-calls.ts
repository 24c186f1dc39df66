/** usearch's side of its thread: graphs by handle. */
import type { Index, MetricKind, ScalarKind } from "usearch";

/** How a graph is made. */
export interface GraphSettings {
  dimensions: number;
  precision: "f32" | "bf16" | "i8";
  connectivity: number;
  efConstruction: number;
  efSearch: number;
}

/** What is found: for each query `counts[query]` keys of `keys[query · depth …]`, 64 bits each as usearch has them. */
export interface Found {
  keys: BigUint64Array;
  counts: Int32Array;
}

/** The functions, which {@link usearchCalls} makes. */
export type UsearchCalls = ReturnType<typeof usearchCalls>;

/** Loads usearch at the first graph. */
export function usearchCalls() {
  const graphs = new Map<number, Index>();
  let handles = 0;
  const graph = (handle: number): Index => graphs.get(handle)!;
  return {
    /** Whether it loads; the reason where it does not. */
    async load(): Promise<string | undefined> {
      try {
        await import("usearch");
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
      }
    },
    async create({ dimensions, precision, connectivity, efConstruction, efSearch }: GraphSettings): Promise<number> {
      const { Index } = await import("usearch");
      const made = new Index({
        dimensions,
        metric: "ip" as MetricKind,
        quantization: precision as ScalarKind,
        connectivity,
        expansion_add: efConstruction,
        expansion_search: efSearch,
        multi: false,
      });
      graphs.set(handles, made);
      return handles++;
    },
    add(handle: number, keys: readonly number[], vectors: Float32Array, threads: number): void {
      graph(handle).add(BigUint64Array.from(keys, BigInt), vectors, threads);
    },
    remove(handle: number, keys: readonly number[]): void {
      graph(handle).remove(BigUint64Array.from(keys, BigInt));
    },
    search(handle: number, queries: Float32Array, depth: number, threads: number): Found {
      const index = graph(handle);
      const found = index.search(queries as unknown as Float32Array[], depth, threads) as unknown as {
        keys: BigUint64Array;
        counts?: BigUint64Array;
      };
      // One query gives as many keys as were found, several give `depth` places each.
      const counts = found.counts ? Int32Array.from(found.counts, Number) : Int32Array.of(found.keys.length);
      return { keys: found.keys, counts };
    },
    save: (handle: number, path: string): void => graph(handle).save(path),
    read: (handle: number, path: string): void => graph(handle).load(path),
    free(handle: number): void {
      graphs.delete(handle);
    },
  };
}
