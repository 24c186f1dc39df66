/** An objective's loss as a function of the encoder's hidden states, to see through which of them it learns. */

import { seeded } from "@propria/base";
import type { Document } from "@propria/collection";
import {
  type BackendName,
  type Batch,
  type NdArray,
  openBackend,
  ParameterStore,
  type Parameters,
  scope,
  trainingStep,
  wholeLoss,
} from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { type EncoderConfig, initialize } from "@propria/transformer-core";
import type { Scalar, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Objective } from "../src/define-objective.ts";
import { objectiveOptions } from "../src/options.ts";
import { testDocuments, testVocabulary } from "../src/testing.ts";

export const tokenizer = Tokenizer.fromVocabulary(testVocabulary());

/** Two layers of width 16, without dropout. */
export const smallConfig: EncoderConfig = {
  vocabSize: tokenizer.size,
  hiddenSize: 16,
  layers: 2,
  heads: 2,
  intermediateSize: 32,
  maxPositions: 64,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  dropout: 0,
  attentionDropout: 0,
  initializerRange: 0.2,
  padId: 0,
};

/** A batch of the objective's first examples, one of each document. */
export function batchOf(
  objective: Objective,
  given: Record<string, unknown>,
  {
    documents = testDocuments.slice(0, 2),
    width = 32,
    seed = 1,
  }: { documents?: readonly Document[]; width?: number; seed?: number } = {},
): Batch {
  const options = objectiveOptions(objective, given);
  const examples = documents.flatMap((document) => {
    const random = seeded(seed, document.id);
    const [first] = objective.examples(document, {
      random,
      tokenizer,
      options,
      number: 0,
      prepared: undefined,
      maxTokens: width,
    });
    return first === undefined ? [] : [first];
  });
  const context = collateContext(lengthBuckets(width, examples.length), {
    bucketTokens: width,
    padId: tokenizer.padId,
  });
  return objective.collate(examples, { ...context, tokenizer, options });
}

/** Hidden states of every layer, as if the encoder had given them: `states.0` are the embeddings. */
export function someStates(rows: number, width: number, { layers, hiddenSize }: EncoderConfig, seed = 1) {
  return Object.fromEntries(
    Array.from({ length: layers + 1 }, (_, i) => {
      const random = seeded(seed, `states.${i}`);
      const data = Float32Array.from({ length: rows * width * hiddenSize }, () => 4 * random() - 2);
      return [`states.${i}`, { data, shape: [rows, width, hiddenSize] }];
    }),
  );
}

/** The loss, its parts, and its gradients by hidden states and parameters. */
export async function lossOnStates(
  objective: Objective,
  given: Record<string, unknown>,
  batch: Batch,
  states: Record<string, NdArray>,
  {
    config = smallConfig,
    backend = "onnx",
    part,
    weights = {},
  }: { config?: EncoderConfig; backend?: BackendName; part?: string; weights?: Record<string, NdArray> } = {},
) {
  const options = objectiveOptions(objective, given);
  const initial = initialize(config, objective.heads?.(config, options) ?? {}, seeded(2, "initialize"));
  const step = trainingStep<Batch>({
    backend: await openBackend(backend, { threads: 1 }),
    store: ParameterStore.create({ ...initial, ...weights, ...states }),
    seed: 1,
    loss(parameters, tensors) {
      const layers = Object.keys(states).map((name) => parameters[name] as Tensor3D);
      const contextOf = (parameters: Parameters) => ({
        encode: () => layers.at(-1)!,
        encodeLayers: () => layers,
        scope: (path: string) => scope(parameters, path),
        parameters,
        config,
        options,
      });
      const context = contextOf(parameters);
      const { loss, parts } = objective.loss
        ? objective.loss(context, tensors)
        : wholeLoss({
            represent: (_, tensors) => objective.represent!(context, tensors),
            contrast: (_, vectors) => objective.contrast!(context, vectors),
          })(parameters, tensors, { dropout: { mask: () => undefined } });
      return { loss: part ? (tf.mul(parts![part]!, 1) as Scalar) : loss, parts: parts ?? {} };
    },
  });
  const result = await step.gradients(batch, { step: 1 });
  await step.release();
  return result;
}

/** Norms of a gradient `[rows, width, hidden]` by place in the row: at the first token, and at all others. */
export function normsByPlace(gradient: Float32Array | undefined, { width, hidden }: { width: number; hidden: number }) {
  const squares = { first: 0, others: 0 };
  gradient?.forEach((value, k) => {
    squares[Math.floor(k / hidden) % width === 0 ? "first" : "others"] += value * value;
  });
  return { first: Math.sqrt(squares.first), others: Math.sqrt(squares.others) };
}

/** Its norm at each token, row after row. */
export const normsByToken = (gradient: Float32Array | undefined, hidden: number): number[] =>
  Array.from({ length: (gradient?.length ?? 0) / hidden }, (_, token) =>
    Math.hypot(...gradient!.subarray(token * hidden, (token + 1) * hidden)),
  );
