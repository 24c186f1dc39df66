export { type Bm25Options, bm25 } from "./bm25.ts";
export {
  buildIndex,
  type IndexedDocument,
  type IndexOptions,
  type InvertedIndex,
  type Postings,
  type TermEntry,
} from "./inverted-index.ts";
export { type QueryLikelihoodOptions, queryLikelihood } from "./query-likelihood.ts";
export { type Model, searchAll } from "./search-all.ts";
export { type CorpusStatistics, corpusStatistics } from "./statistics.ts";
