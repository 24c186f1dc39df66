/** The model, batch and loss of the engine case: what a user trains, through the packages that a user calls. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { type Batch, type Dropout, type NdArray, type OnDevice, type Parameters, scope } from "@propria/engine";
import {
  clsPooling,
  type EncoderConfig,
  encode,
  type HostParameters,
  initialize,
  maskedLanguageModelInits,
  maskedTokenLoss,
  namedConfig,
  rankingHead,
  rankingInits,
} from "@propria/transformer-core";
import type { Scalar, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** A size of model and batch. */
export interface Setup {
  /** A or B. */
  name: string;
  config: EncoderConfig;
  texts: number;
  length: number;
}

const NO_DROPOUT = { dropout: 0, attentionDropout: 0 };
const VOCABULARY = 30522; // BERT's

/** Configurations A (mini, 16 × 128 tokens) and B (small, 8 × 256 tokens). */
export const setups: readonly Setup[] = [
  { name: "A", config: namedConfig("mini", { vocabSize: VOCABULARY, ...NO_DROPOUT }), texts: 16, length: 128 },
  { name: "B", config: namedConfig("small", { vocabSize: VOCABULARY, ...NO_DROPOUT }), texts: 8, length: 256 },
];

/** What a step is given; `P` masked positions in each text. */
export interface PretrainingBatch extends Batch {
  inputIds: NdArray; // [B, T]
  attentionMask: NdArray; // [B, T]
  maskedPositions: NdArray; // [B, P]
  maskedLabels: NdArray; // [B, P]
  maskedWeights: NdArray; // [B, P]
}

/** Fresh parameters with both heads. */
export const parametersOf = ({ config }: Setup): HostParameters =>
  initialize(config, { ...maskedLanguageModelInits(config), ...rankingInits(config) }, seeded(1, "bench"));

const MASKED_SHARE = 0.15;
const PADDED_SHARE = 0.2;

/** Random tokens, the last text padded by a fifth, 15 % of the positions masked. */
export function batchOf({ config, texts, length }: Setup): PretrainingBatch {
  const random = seeded(1, "batch");
  const integers = (count: number, below: number) => Int32Array.from({ length: count }, () => random.int(below));
  const masked = Math.round(length * MASKED_SHARE);
  const attentionMask = new Int32Array(texts * length).fill(1);
  attentionMask.fill(0, texts * length - Math.floor(length * PADDED_SHARE));
  return {
    inputIds: { data: integers(texts * length, config.vocabSize), shape: [texts, length] },
    attentionMask: { data: attentionMask, shape: [texts, length] },
    maskedPositions: { data: integers(texts * masked, length), shape: [texts, masked] },
    maskedLabels: { data: integers(texts * masked, config.vocabSize), shape: [texts, masked] },
    maskedWeights: { data: new Float32Array(texts * masked).fill(1), shape: [texts, masked] },
  };
}

/** Hidden states `[B, T, H]`. */
export const hiddenStates = (
  parameters: Parameters,
  batch: Pick<OnDevice<PretrainingBatch>, "inputIds" | "attentionMask">,
  config: EncoderConfig,
): Tensor3D =>
  encode(
    scope(parameters, "bert"),
    { inputIds: batch.inputIds as Tensor2D, attentionMask: batch.attentionMask as Tensor2D },
    config,
  );

/** Masked language model plus a ranking hinge between the first half of the texts and the second. */
export function pretrainingLoss(
  parameters: Parameters,
  batch: OnDevice<PretrainingBatch>,
  { config, dropout }: { config: EncoderConfig; dropout: Dropout },
): { loss: Scalar } {
  const root = scope(parameters, "", { dropout });
  const hidden = hiddenStates(parameters, batch, config); // [B, T, H]
  const masked = {
    maskedPositions: batch.maskedPositions as Tensor2D,
    maskedLabels: batch.maskedLabels as Tensor2D,
    maskedWeights: batch.maskedWeights as Tensor2D,
  };
  const scores = rankingHead(root, clsPooling(hidden), config); // [B]
  const half = scores.shape[0] / 2;
  const margin = tf.sub(tf.slice(scores, [half], [half]), tf.slice(scores, [0], [half]));
  return { loss: tf.add(maskedTokenLoss(root, hidden, masked, config), tf.mean(tf.relu(tf.add(margin, 1)))) };
}

/** Writes parameters and batch as the peer reads them; returns the path of the JSON file. */
export function writeForPeer(
  folder: string,
  setup: Setup,
  parameters: HostParameters,
  batch: PretrainingBatch,
): string {
  const path = join(folder, `${setup.name}.json`);
  const shapes = Object.entries(parameters).map(([name, { shape }]) => [name, shape]);
  const arrays = Object.entries(batch).map(([name, array]) => {
    const { data, shape } = array as NdArray;
    return [name, { data: [...data], shape }];
  });
  writeFileSync(path, JSON.stringify({ parameters: shapes, batch: Object.fromEntries(arrays), config: setup.config }));
  const bytes = Object.values(parameters).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  writeFileSync(path.replace(".json", ".bin"), Buffer.concat(bytes));
  return path;
}
