import { clsPooling, type MaskedTokens, type Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossContext } from "../define-objective.ts";
import { maskedTokenLoss, nextTokenLoss } from "../toolkit/index.ts";
import { type DecoderOptions, decode } from "./decoder.ts";

interface LossOptions extends DecoderOptions {
  maskedWeight: number;
  decoderWeight: number;
}

/** What `collate` made, as tensors. */
interface SeedBatch {
  text: Tokens;
  masks: MaskedTokens;
  whole: { inputIds: Tensor2D };
  next: MaskedTokens;
}

/** L = ½ L_MLM + ½ L_decoder, L_decoder = −mean log p(xₜ | the tokens in the window, h_CLS). */
export function seedLoss<Heads>(
  context: LossContext<LossOptions, Heads>,
  { text, masks, whole, next }: SeedBatch,
): Loss {
  const { encode, scope, options } = context;
  const hidden = encode(text); // [B, T, H]
  const states = decode(scope(""), whole.inputIds, clsPooling(hidden), context); // [B, T, H]
  const table = scope("bert.embeddings.word_embeddings").get("weight") as Tensor2D; // [V, H]
  const mlm = maskedTokenLoss(context, hidden, masks);
  const decoder = nextTokenLoss(states, table, next);
  const loss = tf.add(tf.mul(mlm, options.maskedWeight), tf.mul(decoder, options.decoderWeight)) as Scalar;
  return { loss, parts: { mlm, decoder } };
}
