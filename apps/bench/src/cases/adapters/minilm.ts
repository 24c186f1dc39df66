/** The model, texts and loss of the cases about adapters: a bi-encoder of MiniLM, as a user fine-tunes it. `B` texts, `T` tokens each, `H` hidden. */
import { type Attachment, attach, namedAdapter } from "@propria/adapters";
import { seeded } from "@propria/base";
import {
  type Backend,
  type Batch,
  type NdArray,
  ParameterStore,
  scope,
  softmaxCrossEntropy,
  type TrainingStep,
  trainingStep,
} from "@propria/engine";
import {
  type EncoderConfig,
  encode,
  type HostParameters,
  loadCheckpoint,
  meanPooling,
} from "@propria/transformer-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Tokens of a text, padding included. */
export const TEXT_TOKENS = 128;
/** Texts of a training step: half of them queries, half their documents. */
export const STEP_TEXTS = 32;
const TEMPERATURE = 0.05;

/** The encoder without its heads. */
export const loadEncoder = (folder: string) => loadCheckpoint(folder, { drop: ["cls", "classifier", "bert.pooler"] });

/** int32 `[B, T]` both. */
export interface TextBatch extends Batch {
  inputIds: NdArray<[number, number]>;
  attentionMask: NdArray<[number, number]>;
}

const FIRST_WORD = 1000; // BERT's vocabulary has its special pieces and single characters before it

/** Texts of random words, the last fourth of them padded by a half. */
export function randomTexts(count: number, { vocabSize }: EncoderConfig, name: string): TextBatch {
  const random = seeded(1, "texts", name);
  const shape: [number, number] = [count, TEXT_TOKENS];
  const lengthOf = (text: number) => (text < 0.75 * count ? TEXT_TOKENS : TEXT_TOKENS / 2);
  const isToken = Array.from(
    { length: count * TEXT_TOKENS },
    (_, i) => i % TEXT_TOKENS < lengthOf(Math.floor(i / TEXT_TOKENS)),
  );
  return {
    inputIds: {
      data: Int32Array.from(isToken, (is) => (is ? FIRST_WORD + random.int(vocabSize - FIRST_WORD) : 0)),
      shape,
    },
    attentionMask: { data: Int32Array.from(isToken, Number), shape },
  };
}

/** What is trained: the whole encoder, or an adapter of it. */
export interface Trained {
  backend: Backend;
  config: EncoderConfig;
  base: HostParameters;
  adapter?: { attachment: Attachment; parameters: HostParameters } | undefined;
}

/** Mean pooling, cosine, and the softmax over the documents of the batch: query i's is document i. */
export function contrastStep({ backend, config, base, adapter }: Trained): TrainingStep<TextBatch> {
  const own = adapter?.parameters ?? {};
  const store = ParameterStore.create(
    { ...base, ...own },
    adapter ? { trainable: (name) => Object.hasOwn(own, name) } : {},
  );
  return trainingStep<TextBatch>({
    ...{ backend, store, seed: 1 },
    loss(parameters, batch, { dropout }) {
      const tokens = { inputIds: batch.inputIds as Tensor2D, attentionMask: batch.attentionMask as Tensor2D };
      const sites = adapter?.attachment.sites(parameters, { dropout }) ?? {};
      const hidden = encode(scope(parameters, "bert", { dropout, sites }), tokens, config);
      const pooled = meanPooling(hidden, tokens.attentionMask); // [B, H]
      const unit = tf.div(pooled, tf.sqrt(tf.sum(tf.square(pooled), 1, true)));
      const [queries, documents] = tf.split(unit, 2) as [Tensor2D, Tensor2D];
      const scores = tf.div(tf.matMul(queries, documents, false, true), TEMPERATURE) as Tensor2D; // [B/2, B/2]
      const right = tf.range(0, queries.shape[0], 1, "int32");
      return { loss: softmaxCrossEntropy(scores, right, tf.ones([queries.shape[0]])) as Scalar };
    },
  });
}

/** An adapter by its name, at fresh values. */
export function freshAdapter(name: string, config: EncoderConfig, more: Record<string, unknown> = {}) {
  const { adapter, options } = namedAdapter(name);
  const attachment = attach(adapter, { config, options: { ...options, ...more } });
  return { attachment, parameters: attachment.initialize(seeded(1, name)) };
}
