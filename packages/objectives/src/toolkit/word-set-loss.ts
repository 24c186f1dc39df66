import {
  clsPooling,
  type EncoderConfig,
  type Inits,
  type MaskedTokens,
  maskedLanguageModelInits,
  pooler,
  poolerInits,
  rankingHead,
  rankingInits,
  type Tokens,
} from "@propria/transformer-core";
import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossContext } from "../define-objective.ts";
import { maskedTokenLoss } from "./masked-token-loss.ts";
import { pairwiseLosses } from "./pairwise-losses.ts";

interface Weights {
  rankingWeight: number;
  maskedWeight: number;
}

interface LossOptions extends Weights {
  rankingLoss: keyof typeof pairwiseLosses;
}

/** What `collateWordSetRows` made, as tensors: `2B` rows, those of a pair neighbours, the preferred first. */
interface WordSetBatch {
  text: Tokens;
  masks?: MaskedTokens | undefined;
}

/** The heads that `wordSetLoss` has a use for: pooler and ranking head, masked language model, or both. */
export const wordSetHeads = (config: EncoderConfig, { rankingWeight, maskedWeight }: Weights): Inits => ({
  ...(maskedWeight > 0 && maskedLanguageModelInits(config)),
  ...(rankingWeight > 0 && { ...poolerInits(config), ...rankingInits(config) }),
});

/**
 * Representative words prediction beside the masked language model, L = L_ROP + L_MLM, weighted; one of weight 0 is neither computed nor
 * logged. The score of a row is a linear map of the pooler's output, after dropout.
 */
export function wordSetLoss<Heads>(context: LossContext<LossOptions, Heads>, { text, masks }: WordSetBatch): Loss {
  const { encode, options } = context;
  const hidden = encode(text); // [2B, T, H]
  const parts: Record<string, Scalar> = {};
  const weighted: Scalar[] = [];
  if (options.rankingWeight > 0) {
    parts.rop = rankingLoss(context, hidden);
    weighted.push(tf.mul(parts.rop, options.rankingWeight));
  }
  if (masks) {
    parts.mlm = maskedTokenLoss(context, hidden, masks);
    weighted.push(tf.mul(parts.mlm, options.maskedWeight));
  }
  return { loss: tf.addN(weighted) as Scalar, parts };
}

function rankingLoss<Heads>({ scope, config, options }: LossContext<LossOptions, Heads>, hidden: Tensor3D): Scalar {
  const scores = rankingHead(scope(""), pooler(scope("bert"), clsPooling(hidden)), config); // [2B]
  const pairs = tf.reshape(scores, [-1, 2]) as Tensor2D; // [B, 2]
  return pairwiseLosses[options.rankingLoss](column(pairs, 0), column(pairs, 1));
}

const column = (x: Tensor2D, index: number): Tensor1D =>
  tf.reshape(tf.slice(x, [0, index], [x.shape[0], 1]), [x.shape[0]]);
