export type { AdaptedOptions } from "./adapted/adapted-model.ts";
export type { Adaptable } from "./adapted/adapting.ts";
export { type AdaptedDescription, describeAdapted } from "./adapted/describe-adapted.ts";
export { mergeAdapted } from "./adapted/merge-adapted.ts";
export { type Pooling, type TextBatch, textVectors, unitLength } from "./bi-encoder/bi-encoder.ts";
export type { BiEncoderStart, BiEncoderTraining, BiEncoderTrainingResult } from "./bi-encoder/bi-encoder-training.ts";
export { type ContrastOptions, contrast, type Distillation, type Represented } from "./bi-encoder/contrast.ts";
export type { IdentifiedText, IdentifiedVectors, Windows } from "./bi-encoder/encode-stream.ts";
export { finetuneBiEncoder } from "./bi-encoder/finetune-bi-encoder.ts";
export { type BiEncoder, type BiEncoderOptions, openBiEncoder, type Side } from "./bi-encoder/open-bi-encoder.ts";
export { readRecipe, type Stage, type StageMining } from "./bi-encoder/recipe.ts";
export { type StageProgress, type StageResult, type StagesTraining, trainStages } from "./bi-encoder/train-stages.ts";
export type { CandidatesChoice } from "./candidates.ts";
export { crossEncoderInits, crossEncoderScores, type PairBatch } from "./cross-encoder.ts";
export { type TrainingPassages, trainingPassages } from "./cross-encoder-source.ts";
export {
  type CrossValidation,
  type CrossValidationResult,
  crossValidate,
  type Folding,
  type FoldProgress,
  type FoldResult,
} from "./cross-validation/cross-validate.ts";
export { cutFolds, type Folds, readFolds } from "./cross-validation/folds.ts";
export {
  type FrequencyOptions,
  termFrequencies,
  termFrequency,
  type WeighedWord,
} from "./deep-ct/frequencies.ts";
export { openTermWeights, type TermWeights, type TermWeightsOptions } from "./deep-ct/open-term-weights.ts";
export { queryTermRecall, type Stems, stemsOf, type TermOptions, wordTarget } from "./deep-ct/target.ts";
export {
  maskedSquaredError,
  type TermWeightBatch,
  termWeightInits,
  tokenWeights,
} from "./deep-ct/term-weight-model.ts";
export {
  type TermWeightTraining,
  type TermWeightTrainingResult,
  trainTermWeights,
} from "./deep-ct/train-term-weights.ts";
export { DEEP_CT_BM25, type WeighOptions, weighDocuments } from "./deep-ct/weigh-documents.ts";
export { type Documents, storedDocuments } from "./documents.ts";
export type { FineTuning, FineTuningResult } from "./fine-tuning.ts";
export {
  type CrossEncoderTraining,
  type CrossEncoderTrainingResult,
  finetuneCrossEncoder,
  type TrainingStart,
} from "./finetune-cross-encoder.ts";
export { type ChooseWeightOptions, type ChosenWeight, chooseWeight } from "./fusion/choose-weight.ts";
export { type FusionOptions, fuseRuns } from "./fusion/fuse.ts";
export { type InterpolationOptions, interpolate } from "./fusion/interpolate.ts";
export { type LearntWeights, type LearnWeightsOptions, learnWeights } from "./fusion/learn-weights.ts";
export type { LinearOptions } from "./fusion/linear.ts";
export { type Normalization, normalizeScores, type ScaledScores } from "./fusion/normalize.ts";
export {
  type ConvKnrmConfig,
  type DrmmConfig,
  type InteractionConfig,
  type InteractionName,
  type InteractionOptions,
  interactionConfig,
  interactionModels,
  type KnrmConfig,
} from "./interaction/config.ts";
export {
  finetuneInteraction,
  type InteractionBeginning,
  type InteractionTraining,
  type InteractionTrainingResult,
  interactionTraining,
} from "./interaction/finetune-interaction.ts";
export {
  type InteractionModel,
  interactionIn,
  type OpenInteractionOptions,
  openInteraction,
} from "./interaction/open-interaction.ts";
export type { VectorsChoice } from "./interaction/start.ts";
export { wordsBy as interactionWords } from "./interaction/words.ts";
export type { JudgedQueries } from "./judged-queries.ts";
export type { Labels } from "./labels.ts";
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
export {
  type MinedQuery,
  type Mining,
  type MiningOptions,
  mineNegatives,
  mineRankings,
} from "./negatives/mine.ts";
export type { Negatives, NegativesOptions, QueryNegatives } from "./negatives/negatives.ts";
export { runNegatives } from "./negatives/run.ts";
export { type MiningReport, type WriteNegativesOptions, writeNegatives } from "./negatives/write.ts";
export { type CrossEncoder, type OpenOptions, openCrossEncoder, type Pair } from "./open-cross-encoder.ts";
export { type OpenedReranker, openReranker } from "./open-reranker.ts";
export { type PairLimits, type PairRow, packPair, queryPieces } from "./pair-input.ts";
export {
  type DocumentReading,
  documentReading,
  type PassageOptions,
  type PassageReading,
  type PassageScore,
  passageScores,
} from "./passages.ts";
export { checkRanking, type RerankOptions, type RerankStreamOptions, rerank, rerankStream } from "./rerank.ts";
export type { Reranker } from "./reranker.ts";
export { type JudgedVectors, meanNeighbourhood, type Neighbourhood, neighbourhood } from "./retrieval/neighbourhood.ts";
export {
  type QueryEncoder,
  type Ranking,
  type RetrieveOptions,
  retrieve,
  type Searchable,
  searchIndex,
} from "./retrieval/retrieve.ts";
export { runTag } from "./retrieval/run-tag.ts";
export type { HeadOrigin } from "./start.ts";
export type { NegativesChoice } from "./training-data.ts";
export type { Preparation, TrainingCollection } from "./training-documents.ts";
export type {
  Validated,
  Validation,
  ValidationProgress,
  ValidationResult,
} from "./validation.ts";
