/** The input of the first layer. Shapes: `B` texts, `T` tokens each, `H` hidden. */
import { PropriaError } from "@propria/base";
import { gatherRows, layerNorm, type Scope } from "@propria/engine";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { EncoderConfig } from "./config.ts";
import type { Tokens } from "./encoder.ts";

/**
 * LN(word + position + segment) of each token, `[B, T]` -> `[B, T, H]`.
 *
 * @throws {PropriaError} `TOO_LONG` when the batch is longer than the table of positions.
 */
export function embed(p: Scope, { inputIds, tokenTypeIds }: Tokens, config: EncoderConfig): Tensor3D {
  const length = inputIds.shape[1];
  const { hiddenSize, maxPositions, layerNormEpsilon, dropout } = config;
  if (length > maxPositions)
    throw new PropriaError("TOO_LONG", `a batch of ${length} tokens, and the model has ${maxPositions} positions`, {
      mend: `at most ${maxPositions} tokens`,
    });
  const table = (name: string) => p.at(name).get("weight") as Tensor2D;
  const rows = (name: string, ids: Tensor2D) => gatherRows(table(name), ids) as Tensor3D;

  const words = rows("word_embeddings", inputIds); // [B, T, H]
  const { path } = p.at("position_embeddings");
  const positions =
    p.sites.positions?.(path, table("position_embeddings"), words) ??
    tf.slice(table("position_embeddings"), [0, 0], [length, hiddenSize]); // [T, H]
  const segments = tokenTypeIds
    ? rows("token_type_embeddings", tokenTypeIds) // [B, T, H]
    : tf.slice(table("token_type_embeddings"), [0, 0], [1, hiddenSize]); // [1, H]
  const sum = tf.add(words, tf.add(segments, positions)) as Tensor3D;
  return p.dropout(layerNorm(p.at("LayerNorm"), sum, layerNormEpsilon), dropout);
}
