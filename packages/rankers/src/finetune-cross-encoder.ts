/** Fine-tuning a cross-encoder on the judgements of a collection. */
import type { Document, Query } from "@propria/collection";
import type { BackendName } from "@propria/engine";
import type { Qrels } from "@propria/metrics";
import type { TrainingProgress } from "@propria/trainer";
import type { RankingLoss } from "./losses.ts";
import type { Negatives } from "./negatives/negatives.ts";

/** The part of a collection that fine-tuning reads. */
export interface TrainingCollection {
  name: string;
  documents(): AsyncIterable<Document>;
  queries(): AsyncIterable<Query>;
  qrels(split: string): Promise<Qrels>;
}

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
  /** `"bm25"` (default); a file, a run or JSON lines; or a function from the split's qrels, such as `(qrels) => runNegatives(run, qrels)`. */
  negatives?: "bm25" | { file: string } | ((qrels: Qrels) => Negatives);
  /** Documents from the top of a ranking that are negatives; default 100. */
  negativesDepth?: number;
  /** Default `"groupSoftmax"`. */
  loss?: RankingLoss;
  /** Documents in a group: one positive and `groupSize − 1` negatives; default 2, as PROP's fine-tuning. */
  groupSize?: number;
  /** Pieces of the query that are read; default 64. */
  queryTokens?: number;
  /** Longest pair, special tokens included; default 512, at most the encoder's positions. */
  maxTokens?: number;
  seed?: number;
  /** Updates; or passes over the training queries. Default: 2 epochs. */
  steps?: number;
  epochs?: number;
  /** Groups in a step, one for each of as many queries; default 16. */
  batch?: number;
  /** Default 3e-5, as in ARES' code. */
  learningRate?: number;
  /** Default 0.1, as there. */
  warmupRatio?: number;
  /** Steps between checkpoints. */
  checkpointEvery?: number;
  resume?: "auto" | "never" | "must";
  backend?: BackendName;
  threads?: number;
  /** 0 makes the batches in this thread instead of a worker; the result is the same. */
  workers?: 0 | 1;
  signal?: AbortSignal;
  /** Reading the corpus, indexing it and looking for negatives, with what is done so far. */
  onPrepare?: (stage: { stage: "documents" | "index" | "negatives"; done: number }) => void;
  /** Once, before the first step. */
  onStart?: (start: TrainingStart) => void;
  onProgress?: (progress: TrainingProgress) => void;
}

/** What training starts from. */
export interface TrainingStart {
  /** Where the classifier comes from: `init` had one that was taken, or it starts from random weights. */
  head: "carried" | "fresh";
  /** Likewise the pooler before it. */
  pooler: "carried" | "fresh";
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

/** Fine-tunes a cross-encoder and saves it in the Hugging Face layout. */
export async function finetuneCrossEncoder(_: CrossEncoderTraining): Promise<CrossEncoderTrainingResult> {
  throw new Error("not here yet");
}
