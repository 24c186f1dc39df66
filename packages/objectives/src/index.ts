export { builtInObjectives } from "./built-in.ts";
export {
  type CollateContext,
  defineObjective,
  type ExampleContext,
  type Loss,
  type LossContext,
  type Objective,
  type PrepareContext,
} from "./define-objective.ts";
export { loadObjective } from "./load-objective.ts";
export { objectiveLoss } from "./objective-loss.ts";
export { type ObjectiveSource, objectiveSource } from "./objective-source.ts";
export { describeOptions, type OptionDescription, objectiveOptions } from "./options.ts";
export { type Pretraining, type PretrainingResult, pretrain } from "./pretrain.ts";
export {
  collateMasks,
  crop,
  inBatchContrastive,
  l2Normalize,
  type MaskArrays,
  type MaskedRow,
  type MaskingOptions,
  maskedTokenLoss,
  maskTokens,
  type PairwiseLoss,
  pairwiseLosses,
  pairwiseLossNames,
  ranknet,
  rawHinge,
  softmaxMargin,
} from "./toolkit/index.ts";
