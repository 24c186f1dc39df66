/** What fine-tuning a bi-encoder is told, and what it tells. */
import type { BatchSize } from "@propria/trainer";
import type { EncodingContract } from "@propria/transformer-core";
import type { Adaptable } from "../adapted/adapting.ts";
import type { FineTuning, FineTuningResult } from "../fine-tuning.ts";
import type { NegativesChoice } from "../training-data.ts";
import type { Distillation } from "./contrast.ts";

/**
 * What fine-tuning a bi-encoder needs. Defaults: 3 epochs, 8 queries in a step, a learning rate of 5e-6, as in COSTA's fine-tuning. The heads of
 * `init` are left behind.
 */
export interface BiEncoderTraining extends FineTuning, Adaptable {
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
  /** Queries that are computed at a time: memory depends on them, the loss does not (Gao et al. 2021). */
  chunk?: BatchSize;
  /** AdamW's; default 0, that of transformers' trainer, which COSTA's script leaves as it is, and of sentence-transformers'. */
  weightDecay?: number;
  /** What the last, incomplete batch is: left out (default), or trained on. */
  remainder?: "drop" | "train";
  /** Called once, before the first step. */
  onStart?: (start: BiEncoderStart) => void;
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
export interface BiEncoderTrainingResult extends BiEncoderStart, FineTuningResult {
  /** For the mean query of the steps of this call, passages of other queries in its batch that are judged relevant to it. */
  falseNegatives: number;
}
