/**
 * A small BERT with a masked-language-model head and a ranking head, for the engine's own tests: the ops as a model uses them, in
 * their fused or in their plain form. `B` texts, `T` tokens, `P` masked positions, `H` hidden.
 */

import { seeded } from "@propria/base";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import {
  attention,
  type Batch,
  type Dropout,
  gatherRows,
  gelu,
  layerNorm,
  linear,
  type NdArray,
  type OnDevice,
  type Parameters,
  plainAttention,
  plainGatherRows,
  plainGelu,
  plainLayerNorm,
  plainTiedCrossEntropy,
  type Scope,
  scope,
  tiedCrossEntropy,
} from "../src/index.ts";

export interface Config {
  layers: number;
  hidden: number;
  heads: number;
  vocabulary: number;
  positions: number;
}

const fused = { attention, gatherRows, gelu, layerNorm, tiedCrossEntropy };
const plain = {
  attention: plainAttention,
  gatherRows: plainGatherRows,
  gelu: plainGelu,
  layerNorm: plainLayerNorm,
  tiedCrossEntropy: plainTiedCrossEntropy,
};
type Ops = typeof fused;
export const ops: Record<"fused" | "plain", Ops> = { fused, plain };

export interface TextBatch extends Batch {
  inputIds: NdArray; // [B, T]
  attentionMask: NdArray; // [B, T]
  masked: { positions: NdArray; labels: NdArray; weights: NdArray }; // [P], positions within B·T
}

export function loss(
  parameters: Parameters,
  { inputIds, attentionMask, masked }: OnDevice<TextBatch>,
  {
    config,
    dropout,
    rate = 0,
    form = "fused",
  }: { config: Config; dropout: Dropout; rate?: number; form?: keyof typeof ops },
): { loss: Scalar; parts: { mlm: Scalar; hinge: Scalar } } {
  const o = ops[form];
  const p = scope(parameters, "", { dropout });
  const x = encode(p.at("bert"), inputIds, attentionMask, config, rate, o); // [B, T, H]
  const rows = o.gatherRows(tf.reshape(x, [-1, config.hidden]), masked.positions); // [P, H]
  const head = p.at("cls.predictions");
  const hidden = o.layerNorm(head.at("transform.LayerNorm"), o.gelu(linear(head.at("transform.dense"), rows)));
  const mlm = o.tiedCrossEntropy(
    hidden as Tensor2D,
    p.get("bert.embeddings.word_embeddings.weight") as Tensor2D,
    head.get("bias") as Tensor1D,
    masked.labels as Tensor1D,
    masked.weights as Tensor1D,
  );
  const first = tf.reshape(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [-1, config.hidden]); // [B, H]
  const scores = tf.reshape(linear(p.at("classifier"), first), [-1]); // [B]
  const half = scores.shape[0]! / 2;
  const [preferred, other] = [tf.slice(scores, [0], [half]), tf.slice(scores, [half], [half])];
  const hinge = tf.mean(tf.relu(tf.add(tf.sub(other, preferred), 1))) as Scalar;
  return { loss: tf.add(mlm, hinge), parts: { mlm, hinge } };
}

export function encode(
  p: Scope,
  inputIds: Tensor,
  attentionMask: Tensor,
  config: Config,
  rate = 0,
  o: Ops = fused,
): Tensor3D {
  const [batch, length] = inputIds.shape as [number, number];
  const bias = tf.mul(tf.reshape(tf.sub(1, tf.cast(attentionMask, "float32")), [batch, 1, 1, length]), -1e4);
  const embeddings = p.at("embeddings");
  const words = o.gatherRows(embeddings.get("word_embeddings.weight"), inputIds); // [B, T, H]
  const places = tf.slice(embeddings.get("position_embeddings.weight"), [0, 0], [length, config.hidden]); // [T, H]
  let x = o.layerNorm(embeddings.at("LayerNorm"), tf.add(words, places) as Tensor3D);
  x = p.dropout(x, rate);
  for (let i = 0; i < config.layers; i++) {
    const layer = p.at(`encoder.layer.${i}`);
    const self = layer.at("attention.self");
    const [q, k, v] = ["query", "key", "value"].map((name) => linear(self.at(name), x) as Tensor3D);
    const mask = p.masks.mask([batch, config.heads, length, length], rate);
    const mixed = o.attention(q!, k!, v!, { heads: config.heads, bias, mask });
    const output = layer.at("attention.output");
    x = o.layerNorm(output.at("LayerNorm"), tf.add(x, p.dropout(linear(output.at("dense"), mixed), rate)) as Tensor3D);
    const inner = o.gelu(linear(layer.at("intermediate.dense"), x));
    x = o.layerNorm(
      layer.at("output.LayerNorm"),
      tf.add(x, p.dropout(linear(layer.at("output.dense"), inner), rate)) as Tensor3D,
    );
  }
  return x;
}

/** Parameters as a trained model's might be: no bias is 0 and no scale is 1, so that every gradient shows. */
export function initial({
  layers,
  hidden,
  vocabulary,
  positions,
}: Config): Record<string, { shape: number[]; data: Float32Array }> {
  const shapes: Record<string, number[]> = {
    "bert.embeddings.word_embeddings.weight": [vocabulary, hidden],
    "bert.embeddings.position_embeddings.weight": [positions, hidden],
    "bert.embeddings.LayerNorm.weight": [hidden],
    "bert.embeddings.LayerNorm.bias": [hidden],
  };
  const map = (path: string, out: number, width: number) =>
    Object.assign(shapes, { [`${path}.weight`]: [out, width], [`${path}.bias`]: [out] });
  const norm = (path: string) => Object.assign(shapes, { [`${path}.weight`]: [hidden], [`${path}.bias`]: [hidden] });
  for (let i = 0; i < layers; i++) {
    const layer = `bert.encoder.layer.${i}`;
    for (const name of ["query", "key", "value"]) map(`${layer}.attention.self.${name}`, hidden, hidden);
    map(`${layer}.attention.output.dense`, hidden, hidden);
    norm(`${layer}.attention.output.LayerNorm`);
    map(`${layer}.intermediate.dense`, 4 * hidden, hidden);
    map(`${layer}.output.dense`, hidden, 4 * hidden);
    norm(`${layer}.output.LayerNorm`);
  }
  map("cls.predictions.transform.dense", hidden, hidden);
  norm("cls.predictions.transform.LayerNorm");
  shapes["cls.predictions.bias"] = [vocabulary];
  map("classifier", 1, hidden);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const random = seeded(1, name);
      const size = shape.reduce((product, length) => product * length, 1);
      const centre = name.endsWith("LayerNorm.weight") ? 1 : 0;
      const spread = shape.length === 2 ? 0.1 : 0.05;
      const normal = () => (random() + random() + random() - 1.5) * 2 * spread;
      return [name, { shape, data: Float32Array.from({ length: size }, () => centre + normal()) }];
    }),
  );
}

/** A batch of `texts` texts, the last padded by a fifth, with 15 % of the positions masked and the last of these weighted 0. */
export function textBatch({ vocabulary }: Config, texts: number, length: number, seed = 7): TextBatch {
  const random = seeded(seed, "batch");
  const integers = (count: number, below: number) => Int32Array.from({ length: count }, () => random.int(below));
  const masked = Math.round(texts * length * 0.15);
  const attentionMask = new Int32Array(texts * length).fill(1);
  attentionMask.fill(0, texts * length - Math.floor(length / 5));
  const weights = new Float32Array(masked).fill(1);
  weights[masked - 1] = 0;
  return {
    inputIds: { data: integers(texts * length, vocabulary), shape: [texts, length] },
    attentionMask: { data: attentionMask, shape: [texts, length] },
    masked: {
      positions: { data: integers(masked, texts * length), shape: [masked] },
      labels: { data: integers(masked, vocabulary), shape: [masked] },
      weights: { data: weights, shape: [masked] },
    },
  };
}
