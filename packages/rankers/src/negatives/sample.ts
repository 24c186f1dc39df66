/** From a ranking to negatives: positives out, the top kept, a seeded draw of those. */
import { seeded } from "@propria/base";
import type { Qrels } from "@propria/metrics";
import { DEFAULT_DEPTH, type NegativesOptions, positivesOf, type QueryNegatives } from "./negatives.ts";

/**
 * The negatives that a ranking gives a query: the top `depth` without the judged positives, or a draw of `keep` of them
 * in the ranking's order.
 */
export function negativesOfRanking(
  queryId: string,
  documentIds: readonly string[],
  qrels: Qrels,
  { depth = DEFAULT_DEPTH, keep, seed = 0 }: NegativesOptions = {},
): QueryNegatives {
  const positives = new Set(positivesOf(qrels, queryId));
  const pool = [...new Set(documentIds.slice(0, depth))].filter((id) => !positives.has(id));
  return { queryId, documentIds: keep === undefined ? pool : drawn(queryId, pool, keep, seed) };
}

/**
 * `keep` of the pool, without replacement, in the pool's order; all where it has no more. A function of the seed and the query's id, so no
 * query changes another's.
 */
export function drawn<Item>(queryId: string, pool: readonly Item[], keep: number, seed: number): Item[] {
  if (keep >= pool.length) return [...pool];
  const places = seeded(seed, "negatives", queryId).permutation(pool.length).subarray(0, keep).sort();
  return [...places].map((place) => pool[place]!);
}
