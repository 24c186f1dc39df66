import { pooler, rankingHead, type Tokens } from "@propria/transformer-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossContext } from "../define-objective.ts";
import { maskedTokenLoss } from "./masked-token-loss.ts";
import { pairwiseLosses } from "./pairwise-losses.ts";

interface LossOptions {
  rankingLoss: keyof typeof pairwiseLosses;
  rankingWeight: number;
  maskedWeight: number;
}

/** What `collateWordSetRows` made, as tensors: `2B` rows, those of a pair neighbours, the preferred first. */
interface WordSetBatch {
  text: Tokens;
  masks: { maskedPositions: Tensor2D; maskedLabels: Tensor2D; maskedWeights: Tensor2D };
}

/** Representative words prediction beside the masked language model, L = L_ROP + L_MLM, weighted. The score of a row is a linear map of the pooler's output, after dropout. */
export function wordSetLoss<Heads>(context: LossContext<LossOptions, Heads>, { text, masks }: WordSetBatch): Loss {
  const { encode, scope, config, options } = context;
  const hidden = encode(text); // [2B, T, H]
  const scores = rankingHead(scope(""), pooler(scope("bert"), hidden), config); // [2B]

  const pairs = tf.reshape(scores, [-1, 2]) as Tensor2D; // [B, 2]
  const [preferred, other] = [column(pairs, 0), column(pairs, 1)]; // [B] each
  const rop = pairwiseLosses[options.rankingLoss](preferred, other);
  const mlm = maskedTokenLoss(context, hidden, masks);

  const loss = tf.add(tf.mul(rop, options.rankingWeight), tf.mul(mlm, options.maskedWeight)) as tf.Scalar;
  return { loss, parts: { rop, mlm } };
}

const column = (x: Tensor2D, index: number): Tensor1D =>
  tf.reshape(tf.slice(x, [0, index], [x.shape[0], 1]), [x.shape[0]]);
