/**
 * The cross-encoder as a pure function: one encoder reads query and document together.
 *
 * @see Nogueira and Cho, "Passage Re-ranking with BERT", 2019. https://arxiv.org/abs/1901.04085
 */
import type { Batch, NdArray, Scope } from "@propria/engine";
import {
  type EncoderConfig,
  encodeCls,
  type Inits,
  pooler,
  poolerInits,
  rankingHead,
  rankingInits,
  type Tokens,
} from "@propria/transformer-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/** A batch of pairs: int32 `[B, T]` all. */
export interface PairBatch extends Batch {
  readonly inputIds: NdArray<[number, number]>;
  readonly attentionMask: NdArray<[number, number]>;
  readonly tokenTypeIds: NdArray<[number, number]>;
}

/** What a cross-encoder has besides the encoder: the pooler and a classifier of one output, the names of PROP's ranking head. */
export const crossEncoderInits = (config: EncoderConfig): Inits => ({
  ...poolerInits(config),
  ...rankingInits(config),
});

/**
 * The score of each pair, `[B]`: a linear map of the pooled [CLS]. No sigmoid; higher is more relevant.
 *
 * @param root The scope over all parameters.
 */
export function crossEncoderScores(root: Scope, tokens: Tokens, config: EncoderConfig): Tensor1D {
  const bert = root.at("bert");
  return rankingHead(root, pooler(bert, encodeCls(bert, tokens, config)), config); // [B]
}
