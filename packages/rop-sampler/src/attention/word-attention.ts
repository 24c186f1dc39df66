/** What a model's [CLS] attends to in texts, word by word. */
import { createHash } from "node:crypto";
import { PropriaError } from "@propria/base";
import { type Backend, type Batch, forwardPass, frozenWeights, type NdArray, scope } from "@propria/engine";
import type { Tokenizer } from "@propria/tokenizer";
import {
  clsAttention,
  type EncoderConfig,
  type HostParameters,
  type Tokens,
  tokenizerHash,
} from "@propria/transformer-core";
import * as tf from "@tensorflow/tfjs-core";
import type { WordWeights } from "../contrast/word-weights.ts";
import type { WordKind } from "../word-numbers.ts";
import { type AttentionRow, attentionRow, type PieceAttention } from "./attention-rows.ts";
import { rowBatches } from "./row-batches.ts";

/** Whose attention it is, and how it becomes the words'. */
export interface AttentionSettings {
  /** The layer, from 0, or from −1 for the last; its heads are averaged. Default −1, the paper's. */
  layer?: number;
  /** How the pieces of a word count; default `"onlyFirst"`, the code's, for the paper does not say. */
  pieces?: PieceAttention;
  /** A word that stands several times: the sum (default, the paper's) or the largest. */
  occurrences?: "sum" | "max";
  /** Default `"latin"`. */
  words?: WordKind;
  /** Longest text, special tokens included; default what the encoder has positions for, at most 512. */
  maxTokens?: number;
}

/** A model whose attention is looked at. */
export interface AttentionModel {
  config: EncoderConfig;
  /** The encoder's under `bert.`; others are passed over. */
  parameters: HostParameters;
  tokenizer: Tokenizer;
  backend: Backend;
}

/** How it is computed, which decides no more than the last bits. */
export interface AttentionComputing {
  /** Tokens of a forward pass, padding included; default 1024. More needs more memory and is not faster on a processor. */
  batchTokens?: number;
}

/** A model ready to look at texts. */
export interface WordAttention {
  /** SHA-256 of all that decides the numbers: weights, tokenizer and settings. */
  readonly hash: string;
  /**
   * The words of each text with their attention.
   *
   * @throws {PropriaError} `ATTENTION_NOT_FINITE` naming the text, when the weights give no number.
   */
  weigh(texts: readonly string[]): Promise<WordWeights[]>;
  /** Frees what was compiled. */
  release(): Promise<void>;
}

const DEFAULT_BATCH_TOKENS = 1024;
const LONGEST = 512; // tokens, of the paper
const SESSIONS = 12; // widths in use at a time

interface RowArrays extends Batch {
  readonly inputIds: NdArray<[number, number]>;
  readonly attentionMask: NdArray<[number, number]>;
}

/**
 * Opens the attention of [CLS] in one layer, the mean over its heads. Only that row leaves the graph, and of the layers above nothing is computed.
 *
 * @throws {PropriaError} `LAYER_UNKNOWN` from `weigh`, for a layer that the encoder does not have.
 * @see Ma et al., "B-PROP", SIGIR 2021. https://arxiv.org/abs/2104.09791
 */
export function wordAttention(
  { config, parameters, tokenizer, backend }: AttentionModel,
  {
    layer = -1,
    pieces = "onlyFirst",
    occurrences = "sum",
    words = "latin",
    maxTokens = LONGEST,
    batchTokens = DEFAULT_BATCH_TOKENS,
  }: AttentionSettings & AttentionComputing = {},
): WordAttention {
  const longest = Math.min(maxTokens, config.maxPositions);
  const settings = { layer: layer < 0 ? config.layers + layer : layer, pieces, occurrences, words, maxTokens: longest };
  const pass = forwardPass<RowArrays>({
    backend,
    store: frozenWeights(parameters),
    sessions: SESSIONS,
    run(weights, batch) {
      const heads = clsAttention(scope(weights, "bert"), batch as unknown as Tokens, config, { layer }); // [B, N, T]
      return { attention: tf.mean(heads, 1) }; // [B, T]
    },
  });
  return {
    hash: hashOf({ config, parameters, tokenizer, settings }),
    async weigh(texts) {
      const rows = texts.map((text) => attentionRow(tokenizer, text, { maxTokens: longest, pieces, words }));
      const found: WordWeights[] = [];
      for (const { places, width, count } of rowBatches(rows, { batchTokens, maxTokens: longest })) {
        const { attention } = await pass.run(
          arraysOf(
            places.map((place) => rows[place]!),
            { width, count, padId: config.padId },
          ),
        );
        for (const [i, place] of places.entries()) {
          const row = attention!.data.subarray(i * width, (i + 1) * width) as Float32Array;
          if (!row.every(Number.isFinite)) throw notFinite(place);
          found[place] = wordWeights(rows[place]!, row, occurrences);
        }
      }
      return found;
    },
    release: () => pass.release(),
  };
}

/** What each word has over its occurrences. */
function wordWeights(
  { wordOf, begins, words, isWord }: AttentionRow,
  row: Float32Array,
  occurrences: "sum" | "max",
): WordWeights {
  const weights = new Float64Array(words.length);
  for (let from = 0; from < wordOf.length; ) {
    const word = wordOf[from]!; // a word's first piece always counts
    let weight = 0;
    do weight += wordOf[from] === word ? row[from]! : 0;
    while (++from < wordOf.length && !begins[from]);
    weights[word] = occurrences === "sum" ? weights[word]! + weight : Math.max(weights[word]!, weight);
  }
  const kept = (wanted: boolean) => Float32Array.from(weights.filter((_, i) => isWord[i] === wanted));
  return { words: words.filter((_, i) => isWord[i]), weights: kept(true), others: kept(false) };
}

/** Rows as arrays `[count, width]`; rows that are not there are padding with one visible token, and nobody reads them. */
function arraysOf(
  rows: readonly AttentionRow[],
  { width, count, padId }: { width: number; count: number; padId: number },
): RowArrays {
  const shape: [number, number] = [count, width];
  const inputIds = new Int32Array(count * width).fill(padId);
  const attentionMask = new Int32Array(count * width);
  for (const [i, { ids, mask }] of rows.entries()) {
    inputIds.set(ids, i * width);
    attentionMask.set(mask, i * width);
  }
  for (let i = rows.length; i < count; i++) attentionMask[i * width] = 1; // a softmax over nothing would be NaN
  return { inputIds: { data: inputIds, shape }, attentionMask: { data: attentionMask, shape } };
}

function hashOf({
  config,
  parameters,
  tokenizer,
  settings,
}: Pick<AttentionModel, "config" | "parameters" | "tokenizer"> & { settings: object }): string {
  const { heads, layerNormEpsilon } = config;
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ settings, heads, layerNormEpsilon, tokenizer: tokenizerHash(tokenizer) }));
  for (const name of Object.keys(parameters).sort()) {
    if (!/^bert\.(embeddings|encoder)\./.test(name)) continue;
    const { shape, data } = parameters[name]!;
    hash.update(`\n${name} ${shape.join()}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

const notFinite = (place: number) =>
  new PropriaError("ATTENTION_NOT_FINITE", `the model's attention to text ${place} has a number that is not finite`, {
    mend: "its weights are damaged, or its training diverged",
  });
