import { fileURLToPath, pathToFileURL } from "node:url";
import { seeded } from "@propria/base";
import {
  type Batch,
  type Dropout,
  type NdArray,
  type OnDevice,
  ParameterStore,
  type Parameters,
  type StagedLoss,
  type TrainingStepOptions,
} from "@propria/engine";
import * as tf from "@tensorflow/tfjs-core";

/** What the source in `bags.mjs` collates. */
export interface BagBatch extends Batch {
  tokens: { inputIds: NdArray<[number, number]>; attentionMask: NdArray<[number, number]> };
  labels: NdArray<[number]>;
}

/** The source's module, as a file URL. */
export const bags = pathToFileURL(fileURLToPath(new URL("./bags.mjs", import.meta.url))).href;

const VOCABULARY = 50;
const WIDTH = 8;

/** A fresh model: an embedding for each token, the mean of them, a logistic unit. */
export function bagStore(width = WIDTH): ParameterStore {
  const random = seeded(1, "bag model");
  const small = (length: number) => Float32Array.from({ length }, () => random() - 0.5);
  return ParameterStore.create({
    "bag.embeddings.weight": { shape: [VOCABULARY, width], data: small(VOCABULARY * width) },
    "bag.classifier.weight": { shape: [width, 1], data: small(width) },
    "bag.classifier.bias": { shape: [1], data: new Float32Array(1) },
  });
}

/** Mean logistic loss, with dropout on the bag's vector. */
export const bagLoss: TrainingStepOptions<BagBatch>["loss"] = (parameters, { tokens, labels }, { dropout }) => {
  const bag = bagOf(parameters, tokens, dropout);
  const loss = logistic(parameters, bag, labels);
  return { loss, parts: { logistic: loss } };
};

/** The same in stages: bags go out with their labels, and their size is held down chunk by chunk. */
export const stagedBagLoss: StagedLoss<BagBatch, { bag: tf.Tensor; labels: tf.Tensor }> = {
  represent(parameters, { tokens, labels }, { dropout }) {
    const bag = bagOf(parameters, tokens, dropout);
    const size = { value: tf.mean(tf.square(bag)) as tf.Scalar, weight: tf.scalar(bag.shape[0]!), scale: 0.01 };
    return { vectors: { bag, labels }, means: { size } };
  },
  contrast: (parameters, { bag, labels }) => ({ loss: logistic(parameters, bag, labels) }),
};

/** The mean of a bag's embeddings, `[B, H]`. */
function bagOf(parameters: Parameters, tokens: OnDevice<BagBatch["tokens"]>, dropout: Dropout): tf.Tensor {
  const [rows, width] = tokens.inputIds.shape;
  const table = parameters["bag.embeddings.weight"] as tf.Tensor2D;
  const vectors = tf.gather(table, tf.reshape(tokens.inputIds, [-1])); // [B·T, H]
  const mask = tf.reshape(tf.cast(tokens.attentionMask, "float32"), [rows, width, 1]); // [B, T, 1]
  const summed = tf.sum(tf.mul(tf.reshape(vectors, [rows, width, table.shape[1]]), mask), 1); // [B, H]
  const bag = tf.div(summed, tf.sum(mask, 1));
  const kept = dropout.mask(bag.shape, 0.1);
  return kept ? tf.mul(bag, kept) : bag;
}

function logistic(parameters: Parameters, bag: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  const score = tf.add(
    tf.matMul(bag as tf.Tensor2D, parameters["bag.classifier.weight"] as tf.Tensor2D),
    parameters["bag.classifier.bias"]!,
  );
  const x = tf.reshape(score, [-1]); // [B]
  return tf.mean(tf.sub(tf.softplus(x), tf.mul(x, labels))) as tf.Scalar;
}
