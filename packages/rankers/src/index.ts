export { type Pooling, type TextBatch, textVectors, unitLength } from "./bi-encoder/bi-encoder.ts";
export { type ContrastOptions, contrast, type Distillation, type Represented } from "./bi-encoder/contrast.ts";
export type { IdentifiedText, IdentifiedVectors, Windows } from "./bi-encoder/encode-stream.ts";
export {
  type BiEncoderStart,
  type BiEncoderTraining,
  type BiEncoderTrainingResult,
  finetuneBiEncoder,
} from "./bi-encoder/finetune-bi-encoder.ts";
export { type BiEncoder, type BiEncoderOptions, openBiEncoder, type Side } from "./bi-encoder/open-bi-encoder.ts";
export { crossEncoderInits, crossEncoderScores, type PairBatch } from "./cross-encoder.ts";
export { type Documents, storedDocuments } from "./documents.ts";
export {
  type CrossEncoderTraining,
  type CrossEncoderTrainingResult,
  finetuneCrossEncoder,
  type TrainingStart,
} from "./finetune-cross-encoder.ts";
export { type ChooseWeightOptions, type ChosenWeight, chooseWeight } from "./fusion/choose-weight.ts";
export { type FusionOptions, fuseRuns } from "./fusion/fuse.ts";
export { type InterpolationOptions, interpolate } from "./fusion/interpolate.ts";
export type { LinearOptions } from "./fusion/linear.ts";
export { type Normalization, normalizeScores, type ScaledScores } from "./fusion/normalize.ts";
export type { LengthBatch } from "./length-batches.ts";
export {
  groupSoftmax,
  pointwise,
  type RankingLoss,
  rankingLoss,
  rankingLosses,
  rawHinge,
  softmaxMargin,
} from "./losses.ts";
export { type Bm25NegativesOptions, bm25Negatives } from "./negatives/bm25.ts";
export { readNegatives } from "./negatives/jsonl.ts";
export type { Negatives, NegativesOptions, QueryNegatives } from "./negatives/negatives.ts";
export { runNegatives } from "./negatives/run.ts";
export { type CrossEncoder, type OpenOptions, openCrossEncoder, type Pair } from "./open-cross-encoder.ts";
export { type PairLimits, type PairRow, packPair, queryPieces } from "./pair-input.ts";
export { type RerankOptions, rerank } from "./rerank.ts";
export type { HeadOrigin } from "./start.ts";
export type { NegativesChoice, Preparation, TrainingCollection } from "./training-data.ts";
