import type { ScoredDocument } from "@propria/metrics";
import { accumulate, accumulatorOf, takeBest } from "./accumulator.ts";
import { smoothedProbability } from "./dirichlet.ts";
import { expectBetween, expectDepth } from "./expect.ts";
import type { InvertedIndex } from "./inverted-index.ts";
import { queryTerms } from "./query-terms.ts";

export interface QueryLikelihoodOptions {
  /** Weight of the Dirichlet prior, words, above 0. Default 1000, Anserini's. */
  mu?: number;
  /** Documents returned at most. Default 1000. */
  depth?: number;
}

/**
 * The best documents for a query under query likelihood with Dirichlet smoothing, score down, then document id down.
 * The candidates are the documents with a term of the query.
 *
 * The score is log P(Q|θ_D) less a constant of the query (its log probability under the collection):
 * Σ over matching terms of c(w, Q) · ln(1 + c(w, D) / (μ · P(w|C))) + |Q| · ln(μ / (|D| + μ)), nats. |Q| counts the
 * query's terms that the collection holds; the others are dropped, for no document could generate them. Unlike Lucene's
 * `LMDirichletSimilarity`, the last term is there for terms that a document lacks, and nothing is clipped at 0.
 *
 * @throws {PropriaError} `SEARCH_OPTION` when an option is out of its range.
 * @see Zhai and Lafferty, "A Study of Smoothing Methods for Language Models Applied to Ad Hoc Information Retrieval",
 *      SIGIR 2001, Eq. 6.
 */
export function queryLikelihood(
  index: InvertedIndex,
  query: string,
  { mu = 1000, depth = 1000 }: QueryLikelihoodOptions = {},
): ScoredDocument[] {
  expectBetween("mu", mu, Number.MIN_VALUE, Number.MAX_VALUE);
  expectDepth(depth);
  const accumulator = accumulatorOf(index);
  let queryLength = 0;
  for (const { count, entry } of queryTerms(index, query)) {
    queryLength += count;
    const expected = (mu * entry.collectionFrequency) / index.totalTerms; // μ · P(w|C)
    const { documents, termFrequencies } = entry.postings;
    for (let i = 0; i < documents.length; i++) {
      accumulate(accumulator, documents[i]!, count * Math.log1p(termFrequencies[i]! / expected));
    }
  }
  for (const document of accumulator.touched) {
    accumulator.sums[document]! += queryLength * Math.log(mu / (index.documentLengths[document]! + mu));
  }
  return takeBest(index, accumulator, depth);
}

/**
 * log P(Q|θ_D) = Σ c(w, Q) · ln P(w|θ_D) of one document, the textbook's form, nats; terms that the collection lacks are
 * dropped. 0 for a query without terms.
 *
 * @param document Index into `documentIds`.
 */
export function queryLogLikelihood(
  index: InvertedIndex,
  document: number,
  query: string,
  { mu = 1000 }: Pick<QueryLikelihoodOptions, "mu"> = {},
): number {
  let sum = 0;
  for (const { count, entry } of queryTerms(index, query)) {
    const at = entry.postings.documents.indexOf(document);
    const termFrequency = at < 0 ? 0 : entry.postings.termFrequencies[at]!;
    const share = entry.collectionFrequency / index.totalTerms;
    sum += count * Math.log(smoothedProbability(termFrequency, index.documentLengths[document]!, share, mu));
  }
  return sum;
}
