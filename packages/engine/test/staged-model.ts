import { seeded } from "@propria/base";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Batch,
  gatherRows,
  linear,
  type NdArray,
  type StagedLoss,
  scope,
  softmaxCrossEntropy,
  tiedCrossEntropy,
} from "../src/index.ts";
import { type Config, encode, initial } from "./encoder.ts";

/** Texts with some of their tokens masked; a text may have no masked token. */
export interface Texts extends Batch {
  inputIds: NdArray; // [B, T]
  attentionMask: NdArray; // [B, T]
  topics: NdArray; // [B]
  positions: NdArray; // [B, P], within the text
  labels: NdArray; // [B, P]
  weights: NdArray; // [B, P]
}

type Vectors = { text: Tensor2D; words: Tensor; topics: Tensor };

const MASKED = 2; // places of a text for masked tokens

/** Parameters of the encoder and its heads, and of a projector that `contrast` alone uses. */
export const stagedInitial = (config: Config) => ({
  ...initial(config),
  "projector.weight": { shape: [config.hidden, config.hidden], data: randomOf("projector", config.hidden ** 2) },
  "projector.bias": { shape: [config.hidden], data: randomOf("bias", config.hidden) },
});

/**
 * A masked-language-model mean beside a contrast of each text's first vector with its words', and of texts with
 * topics, which are rows of the embedding table: so the table is used by the encoder, by the head and by the contrast.
 */
export function stagedModel(
  config: Config,
  { rate = 0, means = true, vectors = true }: { rate?: number; means?: boolean; vectors?: boolean } = {},
): StagedLoss<Texts, Vectors> {
  const table = (parameters: Record<string, Tensor>) =>
    parameters["bert.embeddings.word_embeddings.weight"] as Tensor2D;
  return {
    represent(parameters, batch, { dropout }) {
      const p = scope(parameters, "", { dropout });
      const x = encode(p.at("bert"), batch.inputIds, batch.attentionMask, config, rate); // [B, T, H]
      const [rows, length] = batch.inputIds.shape as [number, number];
      const first = tf.reshape(tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(length, "int32")), [rows, 1]);
      const places = tf.reshape(tf.add(batch.positions, first), [-1]);
      const masked = gatherRows(tf.reshape(x, [-1, config.hidden]), places) as Tensor2D;
      const weights = tf.reshape(batch.weights, [-1]) as tf.Tensor1D;
      const head = p.at("cls.predictions");
      const value = () =>
        tiedCrossEntropy(
          linear(head.at("transform.dense"), masked) as Tensor2D,
          table(parameters),
          head.get("bias") as tf.Tensor1D,
          tf.reshape(batch.labels, [-1]) as tf.Tensor1D,
          weights,
        );
      const found = vectors && {
        text: tf.reshape(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [-1, config.hidden]),
        words: tf.slice(x, [0, 1, 0], [-1, 3, -1]),
        topics: batch.topics,
      };
      return {
        vectors: (found || {}) as Vectors,
        ...(means && { means: { mlm: { value: value(), weight: tf.sum(weights) as Scalar, scale: 0.7 } } }),
      };
    },
    contrast(parameters, { text, words, topics }) {
      if (!vectors) return { loss: tf.scalar(0) };
      const texts = linear(scope(parameters, "projector"), text) as Tensor2D; // [N, H]
      const [count, width] = texts.shape;
      const scores = tf.matMul(texts, table(parameters), false, true) as Tensor2D; // [N, V]
      const known = softmaxCrossEntropy(scores, topics as tf.Tensor1D, tf.ones([count]));
      const pairs = tf.matMul(
        texts,
        tf.reshape(tf.mean(words, 1), [count, width]) as Tensor2D,
        false,
        true,
      ) as Tensor2D;
      const contrastive = softmaxCrossEntropy(pairs, tf.range(0, count, 1, "int32"), tf.ones([count]));
      return { loss: tf.add(known, contrastive) as Scalar, parts: { known, contrastive } };
    },
  };
}

export function textsOf({ vocabulary }: Config, count: number, length: number): Texts {
  const random = seeded(11, "texts");
  const integers = (shape: number[], below: number): NdArray => ({
    data: Int32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.int(below)),
    shape,
  });
  const weights = Float32Array.from({ length: count * MASKED }, (_, i) =>
    Number(Math.floor(i / MASKED) % 3 > 0 && random.int(3) > 0),
  );
  const attentionMask = new Int32Array(count * length).fill(1);
  attentionMask.fill(0, count * length - 2);
  return {
    inputIds: integers([count, length], vocabulary),
    attentionMask: { data: attentionMask, shape: [count, length] },
    topics: integers([count], vocabulary),
    positions: integers([count, MASKED], length),
    labels: integers([count, MASKED], vocabulary),
    weights: { data: weights, shape: [count, MASKED] },
  };
}

/** The batch in chunks of `size` rows, the last of what is left. */
export function chunksOf<B extends Batch>(batch: B, size: number): B[] {
  const [first] = Object.values(batch) as NdArray[];
  const count = first!.shape[0]!;
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const [from, to] = [i * size, Math.min(count, (i + 1) * size)];
    const cut = ({ data, shape: [, ...rest] }: NdArray): NdArray => {
      const width = data.length / count;
      return { data: data.slice(from * width, to * width), shape: [to - from, ...rest] };
    };
    return Object.fromEntries(Object.entries(batch).map(([name, array]) => [name, cut(array as NdArray)])) as B;
  });
}

const randomOf = (name: string, length: number): Float32Array => {
  const random = seeded(1, name);
  return Float32Array.from({ length }, () => (random() - 0.5) * 0.4);
};
