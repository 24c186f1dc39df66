/** A cross-encoder from a model folder, ready to score. */
import type { Attachment } from "@propria/adapters";
import { PropriaError } from "@propria/base";
import {
  type Backend,
  type BackendName,
  type ForwardPass,
  forwardPass,
  frozenWeights,
  openBackend,
  type Weights,
} from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { type EncoderConfig, type EncodingContract, readModelCard } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { type AdaptedOptions, adaptedScope, loadModel } from "./adapted/adapted-model.ts";
import { crossEncoderInits, crossEncoderScores, type PairBatch } from "./cross-encoder.ts";
import { refuseTermWeights } from "./deep-ct/marker.ts";
import { BATCH_TOKENS, type BatchShape, lengthBatches } from "./length-batches.ts";
import { padTexts } from "./pad-texts.ts";
import { checkLimits, defaultQueryTokens, type PairLimits, type PairRow, packPair, queryPieces } from "./pair-input.ts";
import type { PassageReading } from "./passages.ts";
import type { Reranker } from "./reranker.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** A query and a document's text. */
export interface Pair {
  query: string;
  document: string;
}

/** How a cross-encoder is opened. */
export interface OpenOptions extends AdaptedOptions {
  /** A backend that is open already, or the name of one to open; default `onnx`. */
  backend?: Backend | BackendName;
  /** Threads of one operation, when the backend is opened here. */
  threads?: number;
  /** Tokens of a forward pass, padding included; default 1024. */
  batchTokens?: number;
  /** Pieces of the query that are read; default: what `propria.json` says, else 64 or half of a pair. */
  queryTokens?: number;
  /** Longest pair; default: what `propria.json` says, else all positions of the encoder. */
  maxTokens?: number;
}

/** A loaded cross-encoder. */
export interface CrossEncoder extends Reranker<readonly number[], PairRow> {
  readonly config: EncoderConfig;
  /** What pairs are made of; its hash tells whether scores of two models may be compared. */
  readonly contract: EncodingContract;
  /**
   * The score of each pair, in their order: the head's output, without sigmoid.
   *
   * @throws {PropriaError} `SCORE_NOT_FINITE` naming the pair, when the weights give no number.
   */
  score(pairs: readonly Pair[]): Promise<number[]>;
}

const SESSIONS = 12; // one for each width of a pair up to 512 tokens, and two of smaller batches

/**
 * Loads a cross-encoder: one that was fine-tuned here or in `transformers` (BertForSequenceClassification with one label), or
 * an encoder pre-trained with PROP, whose ranking head scores pairs without fine-tuning. A masked-language-model head is passed over.
 *
 * PROP's head learnt on pairs whose first text is a bag of words without stop words. Queries are given to it as they are.
 *
 * @throws {PropriaError} `CHECKPOINT` for a folder without pooler or classifier; `NOT_A_CROSS_ENCODER` when `propria.json`
 *   says that the model reads single texts; what `transformer-core` and `tokenizer` throw for damaged files.
 */
export async function openCrossEncoder(
  folder: string,
  { backend = "onnx", threads, batchTokens = BATCH_TOKENS, base, adapters, ...limits }: OpenOptions = {},
): Promise<CrossEncoder> {
  const card = await readModelCard(folder);
  refuseTermWeights(card, folder, "NOT_A_CROSS_ENCODER");
  if (card?.contract && (card.contract.texts !== "pair" || card.contract.similarity !== "head"))
    throw new PropriaError("NOT_A_CROSS_ENCODER", "this model reads one text at a time", {
      at: folder,
      mend: "fine-tune it as a cross-encoder first",
    });
  const found = { heads: crossEncoderInits, drop: ["cls"], ...withoutUndefined({ base, adapters }) };
  const { config, parameters, attachment, folder: model } = await loadModel(folder, found);
  const tokenizer = await Tokenizer.load(model);
  const opened = typeof backend === "string" ? await openBackend(backend, { threads }) : backend;
  const maxTokens = Math.min(limits.maxTokens ?? card?.contract?.maxTokens ?? config.maxPositions, config.maxPositions);
  const queryTokens = limits.queryTokens ?? card?.contract?.maxQueryTokens ?? defaultQueryTokens(maxTokens);
  return crossEncoderOver(frozenWeights(parameters), {
    ...{ config, attachment, tokenizer, limits: { queryTokens, maxTokens } },
    passages: (card?.provenance.options as { passages?: PassageReading } | undefined)?.passages,
    ...{ backend: opened, batchTokens },
  });
}

/** What a cross-encoder is besides its weights, and what runs it. */
interface Parts {
  config: EncoderConfig;
  /** What is attached to the encoder; its parameters are among the weights. */
  attachment?: Attachment | undefined;
  tokenizer: Tokenizer;
  limits: PairLimits;
  passages?: PassageReading | undefined;
  backend: Backend;
  batchTokens?: number;
}

/** A cross-encoder over weights that are there; they may change between two batches. */
export function crossEncoderOver(
  weights: Weights,
  { config, attachment, tokenizer, limits, passages, backend, batchTokens = BATCH_TOKENS }: Parts,
): CrossEncoder {
  checkLimits(limits);
  const pass = forwardPass<PairBatch>({
    ...{ backend, store: weights, sessions: SESSIONS },
    run: (parameters, batch) => ({
      scores: crossEncoderScores(adaptedScope(parameters, attachment), batch as PairTensors, config),
    }),
  });
  return crossEncoderOf({ config, tokenizer, limits, passages, batchTokens, pass });
}

type PairTensors = Record<keyof Pick<PairBatch, "inputIds" | "attentionMask" | "tokenTypeIds">, Tensor2D>;

/** The contract of a cross-encoder: `[CLS] query [SEP] document [SEP]`, the head's score. */
export const pairContract = ({ queryTokens, maxTokens }: PairLimits): EncodingContract => ({
  texts: "pair",
  maxTokens,
  maxQueryTokens: queryTokens,
  queryPrefix: "",
  documentPrefix: "",
  pooling: "pooler",
  normalize: false,
  similarity: "head",
});

interface Compiled extends Omit<Required<Parts>, "backend" | "attachment"> {
  pass: ForwardPass<PairBatch>;
}

function crossEncoderOf({ config, tokenizer, limits, passages, batchTokens, pass }: Compiled): CrossEncoder {
  const model: CrossEncoder = {
    config,
    contract: pairContract(limits),
    passages,
    queryPieces: (query) => queryPieces(tokenizer, query, limits),
    row: (queryIds, document) => packPair(tokenizer, queryIds, document, limits),
    batches: (rows) =>
      lengthBatches(rows, { tokensOf: ({ ids }) => ids.length, batchTokens, maxTokens: limits.maxTokens }),
    async scoreBatch({ rows, ...shape }) {
      const { scores } = await pass.run(padPairs(rows, { ...shape, padId: config.padId }));
      return (scores!.data as Float32Array).subarray(0, rows.length);
    },
    async score(pairs) {
      const scores = new Array<number>(pairs.length);
      const rows = pairs.map(({ query, document }, place) => ({
        ...model.row(model.queryPieces(query), document),
        place,
      }));
      for (const batch of model.batches(rows)) {
        const values = await model.scoreBatch(batch);
        for (const [i, { place }] of batch.rows.entries()) {
          if (!Number.isFinite(values[i])) throw notFinite(`pair ${place}`);
          scores[place] = values[i]!;
        }
      }
      return scores;
    },
    release: () => pass.release(),
  };
  return model;
}

/** The error for a score that is no number: the weights are at fault, not the texts. */
export const notFinite = (what: string) =>
  new PropriaError("SCORE_NOT_FINITE", `the model's score of ${what} is not a finite number`, {
    mend: "its weights are damaged, or its training diverged",
  });

/** Rows of pairs as arrays `[count, width]`; rows that are not there are all of segment 0. */
function padPairs(rows: readonly PairRow[], shape: BatchShape & { padId: number }): PairBatch {
  const texts = padTexts(
    rows.map(({ ids }) => ids),
    shape,
  );
  const tokenTypeIds = new Int32Array(shape.count * shape.width);
  for (const [i, { ids, querySegment }] of rows.entries()) {
    const start = i * shape.width;
    tokenTypeIds.fill(1, start + querySegment, start + ids.length);
  }
  return { ...texts, tokenTypeIds: { data: tokenTypeIds, shape: texts.inputIds.shape } };
}
