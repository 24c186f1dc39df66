export { betaSample, gammaSample } from "./beta.ts";
export { crop } from "./crop.ts";
export { groupContrastive } from "./group-contrastive.ts";
export { inBatchContrastive, l2Normalize } from "./in-batch-contrastive.ts";
export { type MaskedRow, type MaskingOptions, maskTokens } from "./mask-tokens.ts";
export { collateMasks, type MaskArrays, maskedTokenLoss, maskedTokenMean } from "./masked-token-loss.ts";
export {
  type PairwiseLoss,
  pairwiseLosses,
  pairwiseLossNames,
  ranknet,
  rawHinge,
  softmaxMargin,
} from "./pairwise-losses.ts";
export { maskedMean, spanPooling } from "./pooling.ts";
export { textWindow } from "./text-window.ts";
