/** Shapes in this file: `B` texts with two views each, `T` tokens, `H` hidden, `V` words. */
import type { Scope } from "@propria/engine";
import { clsPooling, type EncoderConfig, type MaskedTokens, type Tokens } from "@propria/transformer-core";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ContrastContext, Loss, LossContext, Represented } from "../define-objective.ts";
import {
  jensenShannon,
  maskedTokenMean,
  siblingContrastive,
  symmetricKullbackLeibler,
  wordLogProbabilities,
} from "../toolkit/index.ts";

interface LossOptions {
  variant: "full" | "reconstruction-only";
  distance: "js" | "symmetric-kl";
  temperature: "auto" | number;
  reconstructionWeight: number;
  contrastWeight: number;
  maskedWeight: number;
  tiedDecoder: boolean;
}

/** What `collate` made, as tensors: views `[2B, T]`, those of a text neighbours; bags `[B, T]`. */
interface ViewBatch {
  text: Tokens;
  masks: MaskedTokens;
  bag: { words: Tensor2D; wordWeights: Tensor2D };
}

/** Distances of word distributions, and the temperature that each has unless another is given: it makes the most that JS can be 10 ln 2. */
const distances = {
  js: { between: jensenShannon, temperature: 0.1 },
  "symmetric-kl": { between: symmetricKullbackLeibler, temperature: 1 },
};

/** The vectors of [CLS] of all views, `[2B, H]`, with the losses of each text for itself: masked language model and reconstruction. */
export function representViews<Heads>(
  context: LossContext<LossOptions, Heads>,
  { text, masks, bag }: ViewBatch,
): Represented<{ views: Tensor2D }> {
  const { encode, options } = context;
  const hidden = encode(text); // [2B, T, H]
  const views = clsPooling(hidden); // [2B, H]
  const reconstruction = reconstructionLoss(decodeViews(context, views), bag);
  return {
    vectors: { views },
    means: {
      ...(options.maskedWeight > 0 && { mlm: maskedTokenMean(context, hidden, masks, options.maskedWeight) }),
      reconstruction: {
        value: reconstruction,
        weight: tf.scalar(views.shape[0]),
        scale: options.reconstructionWeight,
      },
    },
  };
}

/** −mean log of the sibling's share of Σ exp(−distance / τ) over all other views. */
export function contrastViews<Heads>(
  context: ContrastContext<LossOptions, Heads>,
  { views }: { views: Tensor2D },
): Loss {
  const { options } = context;
  if (options.variant === "reconstruction-only") return { loss: tf.mul(tf.sum(views), 0) as Scalar };
  const distance = distances[options.distance];
  const between = distance.between(decodeViews(context, views)); // [2B, 2B]
  const temperature = options.temperature === "auto" ? distance.temperature : options.temperature;
  const contrast = siblingContrastive(tf.mul(between, -1 / temperature) as Tensor2D);
  return { loss: tf.mul(contrast, options.contrastWeight) as Scalar, parts: { contrast } };
}

/**
 * −1/|U| Σ log p(w) over a text's bag, the mean over the views; ln m at least for m words, where p is uniform on them.
 *
 * @param logProbabilities Of the views, `[2B, V]`.
 */
export function reconstructionLoss(
  logProbabilities: Tensor2D,
  { words, wordWeights }: { words: Tensor2D; wordWeights: Tensor2D },
): Scalar {
  const [texts, width] = words.shape;
  const vocabulary = logProbabilities.shape[1];
  const rowStarts = tf.reshape(tf.range(0, texts * vocabulary, vocabulary, "int32"), [texts, 1]); // [B, 1]
  const places = tf.reshape(tf.add(words, rowStarts), [texts * width]) as Tensor1D;
  const weights = tf.unsortedSegmentSum(tf.reshape(wordWeights, [texts * width]), places, texts * vocabulary); // [B·V]
  const bags = tf.reshape(weights, [texts, 1, vocabulary]);
  const perText = tf.reshape(logProbabilities, [texts, 2, vocabulary]); // a text's views are neighbours
  return tf.mul(tf.sum(tf.mul(perText, bags)), -1 / (2 * texts)) as Scalar;
}

const decodeViews = (
  { scope, config, options }: { scope(path: string): Scope; config: EncoderConfig; options: LossOptions },
  views: Tensor2D,
): Tensor2D => wordLogProbabilities(scope(""), views, { config, tied: options.tiedDecoder });
