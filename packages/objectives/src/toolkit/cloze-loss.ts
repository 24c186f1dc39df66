/** The Inverse Cloze Task's loss, in two stages. Shapes: `B` clozes, `T` tokens of a side, `H` dimensions. */
import type { MaskedTokens, Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ContrastContext, Loss, LossContext, Represented } from "../define-objective.ts";
import { inBatchContrastive } from "./in-batch-contrastive.ts";
import { maskedTokenMean } from "./masked-token-loss.ts";

/** What `collateClozes` made, as tensors. */
interface ClozeBatch {
  query: Side;
  block: Side;
}

interface Side {
  text: Tokens;
  masks?: MaskedTokens | undefined;
}

/**
 * Vectors of sentences and of blocks by one encoder, and the masked language model's losses where `collateClozes` gave masks.
 *
 * @param vectorOf Hidden states `[B, T, H]` of texts to a vector of each.
 */
export function representClozes<Heads>(
  context: LossContext<{ maskedWeight: number }, Heads>,
  { query, block }: ClozeBatch,
  vectorOf: (hidden: Tensor3D, tokens: Tokens) => Tensor2D,
): Represented<{ queries: Tensor2D; blocks: Tensor2D }> {
  const { encode, options } = context;
  const [sentences, texts] = [encode(query.text), encode(block.text)]; // [B, T, H]
  const vectors = { queries: vectorOf(sentences, query.text), blocks: vectorOf(texts, block.text) };
  if (!query.masks || !block.masks) return { vectors };
  const means = {
    queryMlm: maskedTokenMean(context, sentences, query.masks, options.maskedWeight),
    blockMlm: maskedTokenMean(context, texts, block.masks, options.maskedWeight),
  };
  return { vectors, means };
}

/** A sentence's block should have a larger dot product with it than the other blocks of the batch; ln B when all have the same. */
export function contrastClozes<Heads>(
  { options }: ContrastContext<{ contrastiveWeight: number }, Heads>,
  { queries, blocks }: { queries: Tensor2D; blocks: Tensor2D },
): Loss {
  const ict = inBatchContrastive(queries, blocks, 1);
  return { loss: tf.mul(ict, options.contrastiveWeight) as Scalar, parts: { ict } };
}
