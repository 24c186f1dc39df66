import type { Random } from "@propria/base";
import { gatherRows, tiedCrossEntropy } from "@propria/engine";
import type { MaskedTokens } from "@propria/transformer-core";
import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { MaskedRow } from "./mask-tokens.ts";

/**
 * A row whose next tokens a decoder is to predict: each place's label is the token after it. For `collateMasks`, with the same rate.
 *
 * @param ids  One row, special tokens in place; two tokens at least.
 * @param rate Share of the places that are scored; 1: all but the last, which has nothing after it.
 */
export function nextTokens(ids: readonly number[], rate: number, random: Random): MaskedRow {
  const places = ids.length - 1;
  const count = Math.min(places, Math.max(1, Math.round(rate * places)));
  const positions =
    count === places
      ? Array.from({ length: places }, (_, i) => i)
      : random
          .permutation(places)
          .slice(0, count)
          .sort((a, b) => a - b);
  return { inputIds: [...ids], positions: [...positions], labels: [...positions].map((place) => ids[place + 1]!) };
}

/**
 * Mean cross-entropy of the tokens at the scored places, in nats; the logits are the states times the word embeddings.
 *
 * @param states A decoder's, `[B, T, H]`.
 * @param table  Word embeddings, `[V, H]`.
 * @param next   What `collateMasks` made of {@link nextTokens}, as tensors.
 */
export function nextTokenLoss(states: Tensor3D, table: Tensor2D, next: MaskedTokens): Scalar {
  const count = next.maskedLabels.size;
  const bias = tf.zeros([table.shape[0]]) as Tensor1D;
  const flat = (x: Tensor2D) => tf.reshape(x, [count]) as Tensor1D;
  return tiedCrossEntropy(
    statesAt(states, next.maskedPositions),
    table,
    bias,
    flat(next.maskedLabels),
    flat(next.maskedWeights),
  );
}

/** Hidden states at `positions` of each row, `[B, T, H]` and int32 `[B, P]` -> `[B·P, H]`. */
function statesAt(hidden: Tensor3D, positions: Tensor2D): Tensor2D {
  const [batch, length, width] = hidden.shape;
  const rowStarts = tf.reshape(tf.range(0, batch * length, length, "int32"), [batch, 1]); // [B, 1]
  const flat = tf.reshape(tf.add(positions, rowStarts), [positions.size]);
  return gatherRows(tf.reshape(hidden, [batch * length, width]), flat) as Tensor2D;
}
