export { aliasTable } from "./alias-table.ts";
export { type DocumentModel, type DocumentModelOptions, documentModels } from "./document-model.ts";
export { truncatedPoisson } from "./truncated-poisson.ts";
export {
  keepProbabilities,
  type Support,
  type WordSet,
  type WordSetOptions,
  type WordSetPair,
  type WordSetSampler,
  wordSetSampler,
} from "./word-sets.ts";
export {
  type WordCounter,
  type WordStatistics,
  type WordStatisticsOptions,
  wordCounter,
  wordStatistics,
} from "./word-statistics.ts";
