export { type Architecture, formatConfig, parseConfig, readConfig } from "./checkpoint/config-json.ts";
export {
  contractHash,
  type EncodingContract,
  formatModelCard,
  type Json,
  type ModelCard,
  type Provenance,
  readModelCard,
} from "./checkpoint/contract.ts";
export { readHeads, writeHeads } from "./checkpoint/heads.ts";
export { type Checkpoint, type LoadOptions, loadCheckpoint } from "./checkpoint/load.ts";
export { encodingSpace, readContract, tokenizerHash } from "./checkpoint/read-contract.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./checkpoint/safetensors.ts";
export { type Model, saveModel, writeModelFiles } from "./checkpoint/save.ts";
export { type ClsAttentionOptions, clsAttention } from "./cls-attention.ts";
export { type ConfigName, configNames, type EncoderConfig, type NamedConfigOptions, namedConfig } from "./config.ts";
export { embed } from "./embeddings.ts";
export { encode, encodeCls, encodeLayers, type Tokens, transformerLayer } from "./encoder.ts";
export {
  type MaskedTokens,
  maskedLanguageModelInits,
  maskedTokenLoss,
  mlmLogits,
} from "./heads/masked-language-model.ts";
export { rankingHead, rankingInits } from "./heads/ranking.ts";
export type { HostParameter, HostParameters, Init, Inits } from "./host-parameters.ts";
export {
  denseInits,
  encoderInits,
  initialize,
  initializeFrom,
  layerNormInits,
  transformerLayerInits,
} from "./initialize.ts";
export { clsPooling, meanPooling, pooler, poolerInits } from "./pooling.ts";
export { attentionBias } from "./self-attention.ts";
export { encoderSites, type Site, type SiteKind, type SiteOptions } from "./sites.ts";
