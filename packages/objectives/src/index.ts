export { builtInObjectives } from "./built-in.ts";
export { type DecodedMass, type DecodedMassOptions, type DocumentMass, decodedMass } from "./decoded-mass.ts";
export {
  type CollateContext,
  type ContrastContext,
  defineObjective,
  type Embedding,
  type ExampleContext,
  type Loss,
  type LossContext,
  type Objective,
  type PrepareContext,
  type Represented,
} from "./define-objective.ts";
export { loadObjective } from "./load-objective.ts";
export { objectiveLoss, objectiveStages } from "./objective-loss.ts";
export { type ObjectiveSource, objectiveSource } from "./objective-source.ts";
export { describeOptions, type OptionDescription, objectiveOptions } from "./options.ts";
export { type Pretraining, type PretrainingResult, pretrain } from "./pretrain.ts";
export {
  betaSample,
  collateMasks,
  crop,
  crossAttentionInits,
  decoderLayer,
  decoderLayerInits,
  gammaSample,
  groupContrastive,
  inBatchContrastive,
  isTiedWordDecoder,
  jensenShannon,
  l2Normalize,
  type MaskArrays,
  type MaskedRow,
  type MaskingOptions,
  maskedMean,
  maskedTokenLoss,
  maskedTokenMean,
  maskTokens,
  nextTokenLoss,
  nextTokens,
  type PairwiseLoss,
  pairwiseLosses,
  pairwiseLossNames,
  ranknet,
  rawHinge,
  type SkippingHead,
  siblingContrastive,
  skippedLayer,
  skippingHead,
  skippingHeadInits,
  softmaxMargin,
  spanPooling,
  symmetricKullbackLeibler,
  textWindow,
  windowBias,
  wordDecoderInits,
  wordLogProbabilities,
} from "./toolkit/index.ts";
