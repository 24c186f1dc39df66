import type { ScoredDocument } from "@propria/metrics";
import type { InvertedIndex } from "./inverted-index.ts";

export interface QueryLikelihoodOptions {
  /** Dirichlet prior, in words. */
  mu?: number;
  /** Documents returned at most. */
  depth?: number;
}

/** The best documents for a query under query likelihood with Dirichlet smoothing, best first. */
export function queryLikelihood(
  _index: InvertedIndex,
  _query: string,
  _options: QueryLikelihoodOptions = {},
): ScoredDocument[] {
  throw new Error("not built yet");
}
