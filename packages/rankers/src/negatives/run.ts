/** Negatives from a run: any system's ranking, a model's own included. */
import { type Qrels, type Run, ranked } from "@propria/metrics";
import { type NegativesOptions, positivesOf, type QueryNegatives } from "./negatives.ts";
import { negativesOfRanking } from "./sample.ts";

/** The run's top `depth` for every query that has a positive, without its positives, in the run's order of queries. */
export function* runNegatives(run: Run, qrels: Qrels, options: NegativesOptions = {}): Generator<QueryNegatives> {
  for (const [queryId, documents] of run) {
    if (positivesOf(qrels, queryId).length === 0) continue;
    const documentIds = ranked(documents).map(({ documentId }) => documentId);
    yield negativesOfRanking(queryId, documentIds, qrels, options);
  }
}
