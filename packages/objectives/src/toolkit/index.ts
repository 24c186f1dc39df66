export { betaSample, gammaSample } from "./beta.ts";
export { contrastClozes, representClozes } from "./cloze-loss.ts";
export { type Cloze, clozeOptions, clozes, collateClozes } from "./clozes.ts";
export { crop } from "./crop.ts";
export { crossAttentionInits, decoderLayer, decoderLayerInits, windowBias } from "./decoder-layer.ts";
export { jensenShannon, symmetricKullbackLeibler } from "./distribution-distances.ts";
export { groupContrastive } from "./group-contrastive.ts";
export { inBatchContrastive, l2Normalize } from "./in-batch-contrastive.ts";
export { madeOnce } from "./made-once.ts";
export { type MaskedRow, type MaskingOptions, maskTokens } from "./mask-tokens.ts";
export { collateMasks, type MaskArrays, maskedTokenLoss, maskedTokenMean } from "./masked-token-loss.ts";
export { nextTokenLoss, nextTokens } from "./next-tokens.ts";
export {
  type PairwiseLoss,
  pairwiseLosses,
  pairwiseLossNames,
  ranknet,
  rawHinge,
  softmaxMargin,
} from "./pairwise-losses.ts";
export { maskedMean, spanPooling } from "./pooling.ts";
export { siblingContrastive } from "./sibling-contrastive.ts";
export { skippingHead, skippingHeadInits, skippingHeadOptions } from "./skipping-head.ts";
export { textWindow, windowRow } from "./text-window.ts";
export { isTiedWordDecoder, wordDecoderInits, wordLogProbabilities } from "./word-distribution.ts";
export { wordSetHeads, wordSetLoss } from "./word-set-loss.ts";
export {
  collateWordSetRows,
  learnsSomething,
  type WordSetRow,
  type WordSetRows,
  wordSetExamples,
  wordSetOptions,
} from "./word-set-rows.ts";
export { type Span, wordsOf } from "./words.ts";
