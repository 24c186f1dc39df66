/** Fine-tuning a cross-encoder on the judgements of a collection. */
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PropriaError, seeded } from "@propria/base";
import { type BackendName, openBackend, ParameterStore, scope } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { type TrainingProgress, train } from "@propria/trainer";
import { type Json, readModelCard, writeModelFiles } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { crossEncoderScores, type PairBatch } from "./cross-encoder.ts";
import { type CrossEncoderSourceOptions, openSource } from "./cross-encoder-source.ts";
import { type RankingLoss, rankingLoss, rankingLosses } from "./losses.ts";
import { pairContract } from "./open-cross-encoder.ts";
import { checkLimits, defaultQueryTokens } from "./pair-input.ts";
import { refuseOther } from "./refuse-other.ts";
import { type HeadOrigin, loadStart, trainedTokens, viewsOf } from "./start.ts";
import {
  type NegativesChoice,
  nameOf,
  type Preparation,
  prepareTrainingData,
  type TrainingCollection,
} from "./training-data.ts";

/** What a fine-tuning needs. Paths are folders unless said otherwise. */
export interface CrossEncoderTraining {
  collection: TrainingCollection;
  /** The split whose judgements are learnt; default `"train"`. */
  split?: string;
  /** The model to start from: an encoder, with or without a ranking head. */
  init: string;
  /** The model folder to write; must not exist, or hold an unfinished training of the same settings to resume. */
  out: string;
  /**
   * The classifier at the start: the one of `init` if it has one (`"auto"`, default), an error if it has none (`"carry"`), or a
   * fresh one in any case (`"fresh"`). A pooler is drawn where `init` has none, except under `"carry"`.
   */
  head?: "auto" | "carry" | "fresh";
  /**
   * `"bm25"` (default); a file, by its name JSON lines (`.jsonl`, `.jsonl.gz`) or a TREC run; or a function of the split's qrels,
   * such as `(qrels) => runNegatives(run, qrels)`.
   */
  negatives?: NegativesChoice;
  /** Documents from the top of a ranking that are negatives; default 100, of JSON lines all. Not for a function: it cuts for itself. */
  negativesDepth?: number;
  /** Default `"groupSoftmax"`. */
  loss?: RankingLoss;
  /** Documents in a group: one positive and `groupSize − 1` negatives; default 2, as PROP's fine-tuning. */
  groupSize?: number;
  /** Pieces of the query that are read; default 64, or half of a pair if that is less. */
  queryTokens?: number;
  /**
   * Longest pair, special tokens included; at most the encoder's positions. Default: what `init` says that it was trained on
   * (the positions beyond are as they were drawn), else 512.
   */
  maxTokens?: number;
  /** Default 0. */
  seed?: number;
  /** Updates; or passes over the training queries. Default: 2 epochs. */
  steps?: number;
  epochs?: number;
  /** Groups in a step, each of another query; default 16. */
  batch?: number;
  /** Default 3e-5, as in ARES' code. */
  learningRate?: number;
  /** Default 0.1, as there. */
  warmupRatio?: number;
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
  onStart?: (start: TrainingStart) => void;
  onProgress?: (progress: TrainingProgress) => void;
}

/** What training starts from. */
export interface TrainingStart {
  /** Where the classifier comes from: `init` had one that was taken, or it starts from random weights. */
  head: HeadOrigin;
  /** Likewise the pooler before it. */
  pooler: HeadOrigin;
  /** Queries with a positive. */
  queries: number;
  /** Of those, queries with too few negatives for a group; random documents of the corpus fill theirs. */
  shortOfNegatives: number;
}

/** What came of it. */
export interface CrossEncoderTrainingResult extends TrainingStart {
  folder: string;
  steps: number;
  /** Mean loss of the last steps. */
  loss: number;
  elapsedSeconds: number;
  tokensPerSecond: number;
}

const DEFAULT_MAX_TOKENS = 512;

const count = z.int().positive();

/** The options that decide what is learnt, with their defaults. */
const form = z
  .object({
    split: z.string().default("train"),
    head: z.enum(["auto", "carry", "fresh"]).default("auto"),
    negativesDepth: count.optional(),
    loss: z.enum(rankingLosses).default("groupSoftmax"),
    groupSize: z.int().min(2).default(2),
    queryTokens: z.int().nonnegative().optional(),
    maxTokens: count.optional(),
    seed: z.int().default(0),
    steps: count.optional(),
    epochs: count.optional(),
    batch: count.default(16),
    learningRate: z.number().positive().default(3e-5),
    warmupRatio: z.number().min(0).lt(1).default(0.1),
  })
  .refine(({ steps, epochs }) => steps === undefined || epochs === undefined, {
    error: "give one of steps and epochs",
    path: ["steps"],
  });

type Settings = z.output<typeof form>;

/**
 * Fine-tunes a cross-encoder and saves it in the Hugging Face layout, where `transformers` finds a BertForSequenceClassification with
 * one label. Each epoch draws a positive and `groupSize − 1` negatives for every training query. Stopped at any instant and called
 * again, it goes on from its last checkpoint to the same weights.
 *
 * @throws {PropriaError} `OPTION_INVALID`, `PAIR_LIMITS`; `OUTPUT_EXISTS`; `CHECKPOINT` when `init` lacks what is wanted of it;
 *   `NO_TRAINING_QUERIES`, `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`, `TOO_FEW_DOCUMENTS`, `NEGATIVES_LINE`; what the trainer throws:
 *   `INTERRUPTED` after a checkpoint, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 */
export async function finetuneCrossEncoder(training: CrossEncoderTraining): Promise<CrossEncoderTrainingResult> {
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
  const { split, head, negativesDepth, loss, groupSize, steps, epochs = 2, ...settings } = settingsOf(training);
  refuseOther(out, resume);

  const start = await loadStart(init, head, seeded(settings.seed, "fresh head"));
  const tokenizer = await Tokenizer.load(init);
  const card = await readModelCard(init);
  const maxTokens = Math.min(
    settings.maxTokens ?? trainedTokens(card) ?? DEFAULT_MAX_TOKENS,
    start.config.maxPositions,
  );
  const limits = { queryTokens: settings.queryTokens ?? defaultQueryTokens(maxTokens), maxTokens };
  checkLimits(limits);
  const work = join(out, "data");
  const data = await prepareTrainingData(work, collection, {
    ...{ split, negatives, depth: negativesDepth, groupSize, tokenizer },
    onPrepare(preparation) {
      if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped before the first step", { at: out });
      training.onPrepare?.(preparation);
    },
  });
  const { queries, shortOfNegatives } = data;
  const beginning: TrainingStart = { head: start.head, pooler: start.pooler, queries, shortOfNegatives };
  training.onStart?.(beginning);

  const store = ParameterStore.create(start.parameters);
  const sourceOptions: CrossEncoderSourceOptions = {
    ...limits,
    ...{ groups: data.groups, documents: data.documents, tokenizer: init, groupSize },
  };
  const trained = await train<PairBatch>({
    store,
    backend: await openBackend(backend, { threads, memory }),
    source:
      training.workers === 0 ? await openSource(sourceOptions) : { module: sourceModule(), options: sourceOptions },
    loss: (parameters, batch, { dropout }) => {
      const scores = crossEncoderScores(scope(parameters, "", { dropout }), batch as PairTensors, start.config);
      return { loss: rankingLoss(loss, scores, groupSize) };
    },
    out,
    identity: { task: "cross-encoder", loss, groupSize, ...limits, corpus: data.corpusHash, queries: data.groupsHash },
    ...{ seed: settings.seed, batch: settings.batch, learningRate: settings.learningRate },
    ...{ warmupRatio: settings.warmupRatio, maxTokens: limits.maxTokens, remainder: "train", resume },
    ...(steps === undefined ? { epochs } : { steps }),
    ...(training.checkpointEvery !== undefined && { checkpointEvery: training.checkpointEvery }),
    ...(signal && { signal }),
    ...(training.onProgress && { onProgress: training.onProgress }),
  });

  await writeModelFiles(out, {
    config: start.config,
    parameters: viewsOf(store),
    tokenizer,
    contract: pairContract(limits),
    provenance: {
      objective: "cross-encoder",
      options: {
        loss,
        groupSize,
        head: start.head,
        split,
        negatives: nameOf(negatives),
        ...(negativesDepth !== undefined && { negativesDepth }),
        ...settings,
        ...limits,
      },
      ...{ collection: collection.name, corpusHash: data.corpusHash, seed: settings.seed, steps: trained.steps },
      ...(card && { init: card.provenance as Json }),
    },
  });
  await rm(work, { recursive: true, force: true });
  const { steps: done, meanLoss, elapsedSeconds, tokensPerSecond } = trained;
  return { folder: out, steps: done, loss: meanLoss, elapsedSeconds, tokensPerSecond, ...beginning };
}

type PairTensors = { inputIds: Tensor2D; attentionMask: Tensor2D; tokenTypeIds: Tensor2D };

function settingsOf(training: CrossEncoderTraining): Settings {
  const { data, error } = form.safeParse(training);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw new PropriaError("OPTION_INVALID", message, { at: `fine-tuning: ${path.join(".")}`, cause: error });
}

/** The module that the data worker imports: the build, for a worker thread runs no TypeScript. */
const sourceModule = () =>
  pathToFileURL(createRequire(import.meta.url).resolve("@propria/rankers/cross-encoder-source")).href;
