/** What fine-tuning a bi-encoder is told, and what it tells. */
import type { BackendName } from "@propria/engine";
import type { BatchSize, TrainingProgress } from "@propria/trainer";
import type { EncodingContract } from "@propria/transformer-core";
import type { NegativesChoice, Preparation, TrainingCollection } from "../training-data.ts";
import type { Distillation } from "./contrast.ts";

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
