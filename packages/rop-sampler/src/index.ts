export { aliasTable } from "./alias-table.ts";
export { type AttentionFile, openAttention } from "./attention/attention-file.ts";
export { type AttentionPass, attentionPass } from "./attention/attention-pass.ts";
export { type PieceAttention, pieceNames } from "./attention/attention-rows.ts";
export {
  type AttentionComputing,
  type AttentionModel,
  type AttentionSettings,
  type WordAttention,
  wordAttention,
} from "./attention/word-attention.ts";
export { type Contrast, type ContrastOptions, contraster, entropy } from "./contrast/contrast.ts";
export {
  type ContrastiveSampler,
  type ContrastiveSetOptions,
  contrastiveSampler,
} from "./contrast/contrastive-sets.ts";
export {
  type DocumentDistributionOptions,
  documentDistribution,
  type Saturation,
  saturate,
  saturationNames,
} from "./contrast/document-distribution.ts";
export { type Flatness, flatness } from "./contrast/flatness.ts";
export {
  type RandomCounter,
  type RandomDistribution,
  type RandomDistributionOptions,
  randomCounter,
} from "./contrast/random-distribution.ts";
export type { WordWeights } from "./contrast/word-weights.ts";
export { type DocumentModel, type DocumentModelOptions, documentModels } from "./document-model.ts";
export { type AttendedKeywords, attendedKeywords, likelyKeywords, type RankedWord } from "./keywords.ts";
export { truncatedPoisson } from "./truncated-poisson.ts";
export { type WordKind, wordKindNames } from "./word-numbers.ts";
export {
  keepProbabilities,
  type Support,
  samplingNames,
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
