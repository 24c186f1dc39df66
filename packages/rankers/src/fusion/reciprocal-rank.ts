/** Reciprocal rank fusion: ranks are added, not scores, so no two systems need a common scale. */
import { type Run, ranked } from "@propria/metrics";
import { queryIdsOf } from "./linear.ts";

/** Where Cormack et al. put the constant, and everybody since. */
export const DEFAULT_K = 60;

/**
 * Σ weight / (k + rank) over the runs that have the document; ranks from 1 in the order of `ranked`, so ties break as in evaluation and
 * a run's own order of lines or rank column decides nothing. A run that lacks a document adds 0 for it.
 *
 * @param weights One for each run; all 1 in the paper.
 * @see Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009.
 */
export function reciprocalRankFusion(runs: readonly Run[], weights: readonly number[], k: number): Run {
  return new Map(
    queryIdsOf(runs).map((queryId) => {
      const scores = new Map<string, number>();
      for (const [place, run] of runs.entries())
        for (const [i, { documentId }] of ranked(run.get(queryId) ?? []).entries())
          scores.set(documentId, (scores.get(documentId) ?? 0) + weights[place]! / (k + i + 1));
      return [queryId, ranked([...scores].map(([documentId, score]) => ({ documentId, score })))];
    }),
  );
}
