/** The training queries in two parts: one to learn from, one to choose interpolation weights on. */
import { seeded } from "@propria/base";
import type { Collection } from "@propria/collection";
import type { Qrels } from "@propria/metrics";

/** The two parts of a split's judgments. */
export interface Parts {
  learnt: Qrels;
  heldOut: Qrels;
}

/** Splits judgments by query: a function of the seed and each query's id. */
export function splitQrels(qrels: Qrels, share: number, seed: number): Parts {
  const parts: Parts = { learnt: new Map(), heldOut: new Map() };
  for (const [queryId, grades] of qrels)
    (seeded(seed, "held out", queryId)() < share ? parts.heldOut : parts.learnt).set(queryId, grades);
  return parts;
}

/** The collection with other judgments for one split. */
export const withQrels = (collection: Collection, split: string, qrels: Qrels): Collection => ({
  name: collection.name,
  documents: () => collection.documents(),
  queries: () => collection.queries(),
  splits: () => collection.splits(),
  qrels: (name) => (name === split ? Promise.resolve(qrels) : collection.qrels(name)),
});
