/** Fine-tuning a bi-encoder on the judgements of a collection. */
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PropriaError } from "@propria/base";
import { type BackendName, type OnDevice, openBackend, ParameterStore, type StagedLoss, scope } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { type BatchSize, type TrainingProgress, train } from "@propria/trainer";
import {
  type EncodingContract,
  type Json,
  loadCheckpoint,
  readContract,
  readModelCard,
  type Tokens,
  writeModelFiles,
} from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { refuseOther } from "../refuse-other.ts";
import { viewsOf } from "../start.ts";
import {
  type NegativesChoice,
  nameOf,
  type Preparation,
  prepareTrainingData,
  type TrainingCollection,
  type TrainingData,
} from "../training-data.ts";
import { textVectors } from "./bi-encoder.ts";
import { type BiEncoderBatch, type BiEncoderSourceOptions, openSource, type TaughtBatch } from "./bi-encoder-source.ts";
import { type ContrastOptions, contrast, type Distillation, type Represented } from "./contrast.ts";
import { OTHER_HEADS } from "./open-bi-encoder.ts";
import { SPECIAL_TOKENS } from "./text-input.ts";
import { contractOf, type Settings, settingsOf, temperatureOf } from "./training-settings.ts";

/** What a fine-tuning needs. Paths are folders unless said otherwise. */
export interface BiEncoderTraining {
  collection: TrainingCollection;
  /** The split whose judgements are learnt; default `"train"`. */
  split?: string;
  /** The model to start from: any encoder. Its heads are left behind. */
  init: string;
  /** The model folder to write; must not exist, or hold an unfinished training of the same settings to resume. */
  out: string;
  /**
   * `"bm25"` (default); `"in-batch"` for those of the other queries alone; a file, by its name JSON lines (`.jsonl`, `.jsonl.gz`,
   * such as mining writes) or a TREC run; or a function of the split's qrels.
   */
  negatives?: NegativesChoice | "in-batch";
  /**
   * Documents from the top of a ranking that are negatives; default 200, of JSON lines all. Not for a function: it cuts for itself. Of BM25
   * the 200 is a guess.
   */
  negativesDepth?: number;
  /** Negatives kept of those for each query, drawn once; default 30. Not for a function. */
  keep?: number;
  /** Passages of a query in a step: one positive and `groupSize − 1` negatives; default 8, 1 with `"in-batch"`. */
  groupSize?: number;
  /** A query's positives in an epoch: the next `"one"` (default), or `"each"`, as an example of its own. */
  positives?: "one" | "each";
  /** Where the vector is taken from; default: what `init` says, else `"cls"`. Of an `init` that says its pooler, it has to be given. */
  pooling?: "cls" | "mean";
  /** Default: what `init` says, with its vectors' length, else `"dot"`. */
  similarity?: "dot" | "cosine";
  /** Divides the scores; default 0.05 for vectors of length 1 (sentence-transformers' scale of 20), else 1. */
  temperature?: number;
  /** Adds the other direction, from positives to queries; default `false`. */
  symmetric?: boolean;
  /**
   * Passages of other queries that are judged relevant to a query: `"mask"` (default) leaves them out of its loss, and counts a
   * document once that stands in the batch more than once; `"keep"` takes them for negatives, as G1's code does.
   */
  falseNegatives?: "mask" | "keep";
  /** Learns from a cross-encoder's scores, a TREC run, too. `weight` is the share of that loss, in (0, 1]; default 1: nothing else. A guess. */
  distill?: { run: string; loss: Distillation; weight?: number };
  /** Stand before each query and each document; default: what `init` says, else nothing. */
  queryPrefix?: string;
  documentPrefix?: string;
  /**
   * Longest query and longest passage, special tokens included; default 32 and 128, as for MS MARCO's passages. A query is no longer than a
   * passage.
   */
  queryTokens?: number;
  maxTokens?: number;
  /** Default 0. */
  seed?: number;
  /** Updates; or passes over the training queries. Default: 3 epochs. */
  steps?: number;
  epochs?: number;
  /** Queries in a step; default 8. */
  batch?: number;
  /** Queries that are computed at a time: memory depends on them, the loss does not (Gao et al. 2021). */
  chunk?: BatchSize;
  /** Default 5e-6, as in COSTA's fine-tuning. */
  learningRate?: number;
  /** AdamW's; default 0, that of transformers' trainer, which COSTA's script leaves as it is, and of sentence-transformers'. */
  weightDecay?: number;
  /** Default 0.1. */
  warmupRatio?: number;
  /** What the last, incomplete batch is: left out (default), or trained on. */
  remainder?: "drop" | "train";
  /** Steps between checkpoints. */
  checkpointEvery?: number;
  resume?: "auto" | "never" | "must";
  /** Default `"onnx"`. */
  backend?: BackendName;
  threads?: number;
  /** `"small"`: one compiled length gives back its memory for the next; the same bits, a little slower. Default `"fast"`. */
  memory?: "fast" | "small";
  /** 0 makes the batches in this thread instead of a worker; the result is the same. */
  workers?: 0 | 1;
  signal?: AbortSignal;
  /** Called while the documents are read, indexed, and negatives looked for; often. */
  onPrepare?: (preparation: Preparation) => void;
  /** Called once, before the first step. */
  onStart?: (start: BiEncoderStart) => void;
  onProgress?: (progress: TrainingProgress) => void;
}

/** What training starts from. */
export interface BiEncoderStart {
  /** How the trained model encodes. */
  contract: EncodingContract;
  /** Queries with a positive. */
  queries: number;
  /** Of those, queries with fewer negatives than a group needs: theirs repeat, and are random where there is none. */
  shortOfNegatives: number;
  /** The share of positives and negatives that the teacher scored; 0 without a teacher. */
  taught: number;
}

/** What came of it. */
export interface BiEncoderTrainingResult extends BiEncoderStart {
  folder: string;
  steps: number;
  /** Mean loss of the last steps. */
  loss: number;
  /** For the mean query of the steps of this call, passages of other queries in its batch that are judged relevant to it. */
  falseNegatives: number;
  elapsedSeconds: number;
  tokensPerSecond: number;
}

/**
 * Fine-tunes a bi-encoder and saves it in the layout that `openBiEncoder` and sentence-transformers load. One encoder reads queries
 * and passages; no pooler. Each epoch visits every training query with one positive and the next of its negatives, and a
 * query's positive is to score above all other passages of the batch. Stopped at any instant and called again, it goes on from
 * its last checkpoint to the same weights.
 *
 * COSTA's fine-tuning (Ma et al., SIGIR 2022; a fork of Tevatron) differs:
 * - it takes false negatives for negatives: `falseNegatives: "keep"` does;
 * - its first stage has the negatives of MS MARCO's official triples, 30 of each query; here they are drawn from BM25's top `negativesDepth`;
 * - a passage reads `title [SEP] text` there, and here title, space, text;
 * - its batches are random ones of an epoch, padded to the longest passage, and each epoch drops its incomplete one. Here the passages of a
 *   batch are of similar length; examples that fill no batch wait for those of the next epoch, and what is left of the last is dropped.
 *
 * @throws {PropriaError} `OPTION_INVALID`; `OUTPUT_EXISTS`; `CHECKPOINT`; `NO_TRAINING_QUERIES`, `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`,
 *   `TOO_FEW_DOCUMENTS`, `NEGATIVES_LINE`, `TEACHER_SILENT` for a run without a score of any training document; what the trainer throws:
 *   `INTERRUPTED` after a checkpoint, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 * @see Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering", EMNLP 2020. https://arxiv.org/abs/2004.04906
 */
export async function finetuneBiEncoder(training: BiEncoderTraining): Promise<BiEncoderTrainingResult> {
  const {
    collection,
    init,
    out,
    negatives = "bm25",
    signal,
    resume = "auto",
    backend = "onnx",
    threads,
    memory,
  } = training;
  const settings = settingsOf(training);
  const { split, negativesDepth, keep, groupSize, distill, seed, steps, epochs = 3 } = settings;
  refuseOther(out, resume);

  const { config, parameters } = await loadCheckpoint(init, { drop: OTHER_HEADS });
  const card = await readModelCard(init);
  const contract = contractOf(settings, await readContract(init), config.maxPositions);
  const tokenizer = await Tokenizer.load(init);
  const work = join(out, "data");
  const data = await prepareTrainingData(work, collection, {
    ...{ split, keep, seed, groupSize, tokenizer, queryPrefix: contract.queryPrefix, teacher: distill?.run },
    negatives: negatives === "in-batch" ? () => [] : negatives,
    depth: negativesDepth ?? depthOf(negatives),
    onPrepare(preparation) {
      if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped before the first step", { at: out });
      training.onPrepare?.(preparation);
    },
  });
  if (distill && data.taught === 0)
    throw new PropriaError("TEACHER_SILENT", "has a score of none of the training queries' documents", {
      at: distill.run,
      mend: "score the positives and the negatives of the training queries with the teacher",
    });
  const { queries, shortOfNegatives, taught } = data;
  const beginning: BiEncoderStart = { contract, queries, shortOfNegatives, taught };
  training.onStart?.(beginning);

  const how: ContrastOptions = {
    temperature: temperatureOf(settings, contract),
    symmetric: settings.symmetric,
    falseNegatives: settings.falseNegatives,
    distill: distill && { loss: distill.loss, weight: distill.weight },
  };
  const loss: StagedLoss<BiEncoderBatch, Represented> = {
    represent: (parameters, batch, { dropout }) => represent(scope(parameters, "", { dropout }), batch, vectorsOf),
    contrast: (_, vectors) => contrast(vectors, how),
  };
  const vectorsOf = (root: ReturnType<typeof scope>, tokens: Tokens) => textVectors(root, tokens, config, contract);
  const source = sourceOptions(settings, data, { tokenizer: init, documentPrefix: contract.documentPrefix });
  const store = ParameterStore.create(parameters);
  const seen = { steps: 0, falseNegatives: 0 };
  const trained = await train<BiEncoderBatch>({
    ...{ store, loss, out, seed, resume },
    backend: await openBackend(backend, { threads, memory }),
    source: training.workers === 0 ? await openSource(source) : { module: sourceModule(), options: source },
    identity: identityOf({ settings, how, contract, data }),
    ...{ batch: settings.batch, chunk: settings.chunk, learningRate: settings.learningRate },
    optimizer: { weightDecay: settings.weightDecay },
    ...{ warmupRatio: settings.warmupRatio, maxTokens: contract.maxTokens, remainder: settings.remainder },
    ...(steps === undefined ? { epochs } : { steps }),
    ...(training.checkpointEvery !== undefined && { checkpointEvery: training.checkpointEvery }),
    ...(signal && { signal }),
    onProgress(progress) {
      seen.steps++;
      seen.falseNegatives += progress.parts.falseNegatives ?? 0;
      training.onProgress?.(progress);
    },
  });

  const { seed: _, split: __, ...options } = settings;
  await writeModelFiles(out, {
    ...{ config, parameters: viewsOf(store), tokenizer, contract },
    provenance: {
      objective: "bi-encoder",
      options: plain({
        ...options,
        ...how,
        split,
        negatives: negatives === "in-batch" ? negatives : nameOf(negatives),
      }),
      ...{ collection: collection.name, corpusHash: data.corpusHash, seed, steps: trained.steps },
      ...(card && { init: card.provenance as Json }),
    },
  });
  await rm(work, { recursive: true, force: true });
  const { steps: done, meanLoss, elapsedSeconds, tokensPerSecond } = trained;
  const falseNegatives = seen.steps === 0 ? 0 : seen.falseNegatives / seen.steps;
  return { folder: out, steps: done, loss: meanLoss, falseNegatives, elapsedSeconds, tokensPerSecond, ...beginning };
}

const DEPTH = 200; // of a ranking: COSTA's of a model's; of BM25's a guess

/** Of JSON lines all that stand there, and a function cuts for itself. */
const depthOf = (negatives: NegativesChoice | "in-batch"): number | undefined =>
  negatives === "bm25" || (typeof negatives === "object" && !/\.jsonl(\.gz)?$/.test(negatives.file))
    ? DEPTH
    : undefined;

function represent(
  root: ReturnType<typeof scope>,
  batch: OnDevice<BiEncoderBatch>,
  vectorsOf: (root: ReturnType<typeof scope>, tokens: Tokens) => Tensor2D,
): { vectors: Represented } {
  const { query, passages, documents, relevant } = batch;
  const { teacher, taught } = batch as Partial<OnDevice<TaughtBatch>>;
  return {
    vectors: {
      queries: vectorsOf(root, query as Tokens), // [B, H]
      passages: vectorsOf(root, passages as Tokens), // [B·n, H]
      ...{ documents, relevant },
      ...(teacher && taught && { teacher, taught }),
    },
  };
}

/** Queries are padded to one width, so that few shapes are compiled: that of the longest, up to a multiple of this, in tokens. */
const QUERY_STEP = 8;

function sourceOptions(
  { groupSize, positives, queryTokens, maxTokens, distill, seed }: Settings,
  { groups, documents, mostPositives, longestQuery }: TrainingData,
  files: Pick<BiEncoderSourceOptions, "tokenizer" | "documentPrefix">,
): BiEncoderSourceOptions {
  const longest = Math.ceil((longestQuery + SPECIAL_TOKENS) / QUERY_STEP) * QUERY_STEP;
  return {
    ...{ groups, documents, mostPositives, groupSize, positives, maxTokens, seed, teacher: distill !== undefined },
    ...files,
    queryTokens: Math.min(queryTokens, longest),
  };
}

function identityOf(parts: {
  settings: Settings;
  how: ContrastOptions;
  contract: EncodingContract;
  data: TrainingData;
}): Json {
  const { groupSize, positives } = parts.settings;
  const { corpusHash, groupsHash } = parts.data;
  return plain({
    ...{ task: "bi-encoder", groupSize, positives },
    ...{ ...parts.how, contract: parts.contract, corpus: corpusHash, queries: groupsHash },
  });
}

/** Without the members that are undefined. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

/** The module that the data worker imports: the build, for a worker thread runs no TypeScript. */
const sourceModule = () =>
  pathToFileURL(createRequire(import.meta.url).resolve("@propria/rankers/bi-encoder-source")).href;
