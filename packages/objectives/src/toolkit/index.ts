export { crop } from "./crop.ts";
export { inBatchContrastive, l2Normalize } from "./in-batch-contrastive.ts";
export { type MaskedRow, type MaskingOptions, maskTokens } from "./mask-tokens.ts";
export { collateMasks, type MaskArrays, maskedTokenLoss } from "./masked-token-loss.ts";
export {
  type PairwiseLoss,
  pairwiseLosses,
  pairwiseLossNames,
  ranknet,
  rawHinge,
  softmaxMargin,
} from "./pairwise-losses.ts";
