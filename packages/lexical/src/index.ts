export { type Bm25Options, bm25, inverseDocumentFrequency } from "./bm25.ts";
export { smoothedProbability } from "./dirichlet.ts";
export {
  buildIndex,
  type IndexedDocument,
  type IndexOptions,
  type InvertedIndex,
  type Postings,
  type TermEntry,
  type WeightedDocument,
} from "./inverted-index.ts";
export { type QueryLikelihoodOptions, queryLikelihood, queryLogLikelihood } from "./query-likelihood.ts";
export { type Model, searchAll } from "./search-all.ts";
export { type CorpusStatistics, corpusStatistics } from "./statistics.ts";
