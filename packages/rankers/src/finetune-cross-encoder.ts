/** Fine-tuning a cross-encoder on the judgements of a collection. */
import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { rankingInits, readModelCard, tokenizerHash } from "@propria/transformer-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { adaptedScope } from "./adapted/adapted-model.ts";
import { type Adaptable, trainedAdapter } from "./adapted/adapting.ts";
import { crossEncoderInits, crossEncoderScores, type PairBatch } from "./cross-encoder.ts";
import {
  type CrossEncoderSourceOptions,
  openSource,
  type TrainingPassages,
  trainingPassages,
} from "./cross-encoder-source.ts";
import {
  checkedOptions,
  type FineTuning,
  type FineTuningResult,
  fineTuningOptions,
  tellPreparation,
} from "./fine-tuning.ts";
import type { Labels } from "./labels.ts";
import { type RankingLoss, rankingLoss, rankingLosses } from "./losses.ts";
import { crossEncoderOver, pairContract } from "./open-cross-encoder.ts";
import { refuseOther, workFolder } from "./out-folder.ts";
import { checkLimits, defaultQueryTokens } from "./pair-input.ts";
import { checkedPassages, DEFAULT_SCORE, passageScores } from "./passages.ts";
import type { Reranker } from "./reranker.ts";
import { type HeadOrigin, loadStart, type Start, trainedTokens } from "./start.ts";
import { trainModel } from "./train-model.ts";
import { type NegativesChoice, nameOf, prepareTrainingData } from "./training-data.ts";
import {
  checkValidation,
  evaluationBy,
  type Validated,
  type ValidationResult,
  validationForm,
  validationIdentity,
  validationResult,
} from "./validation.ts";
import { withoutUndefined } from "./without-undefined.ts";

/**
 * What fine-tuning a cross-encoder needs. Defaults: 2 epochs, 16 groups in a step, each of another query; a learning rate of 3e-5 and a
 * warm-up of 0.1, as in ARES' code. The encoder `init` may have a ranking head.
 */
export interface CrossEncoderTraining extends FineTuning, Validated, Adaptable {
  /** Learn from so many of the split's queries, drawn by the seed: for one seed the first ten are among the first fifty. Default: all. */
  queries?: number;
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
  /** What grades mean; default `"binary"`. Under `"pointwise"` and `"listwise"` they are learnt, else they decide which document is to be above which. */
  labels?: Labels;
  /** Documents in a group: one positive and `groupSize − 1` negatives; default 2, as PROP's fine-tuning. */
  groupSize?: number;
  /** Pieces of the query that are read; default 64, or half of a pair if that is less. */
  queryTokens?: number;
  /**
   * Longest pair, special tokens included; at most the encoder's positions. Default: what `init` says that it was trained on
   * (the positions beyond are as they were drawn), else 512.
   */
  maxTokens?: number;
  /**
   * How long documents are read in validation and, as the folder remembers it, wherever the model ranks; with `train`, learn from passages
   * too. Default: from the start alone.
   */
  passages?: TrainingPassages;
  /** Called once, before the first step. */
  onStart?: (start: TrainingStart) => void;
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
export interface CrossEncoderTrainingResult extends TrainingStart, FineTuningResult {
  /** Where the training is validated. */
  validation?: ValidationResult;
}

const DEFAULT_MAX_TOKENS = 512;

const count = z.int().positive();

/** The options that decide what is learnt, with their defaults. */
const form = z.object({
  ...fineTuningOptions({ batch: 16, learningRate: 3e-5 }),
  queries: count.optional(),
  head: z.enum(["auto", "carry", "fresh"]).default("auto"),
  negativesDepth: count.optional(),
  loss: z.enum(rankingLosses).default("groupSoftmax"),
  labels: z.union([z.enum(["binary", "scaled"]), z.array(z.number())]).default("binary"),
  groupSize: z.int().min(2).default(2),
  queryTokens: z.int().nonnegative().optional(),
  maxTokens: count.optional(),
  passages: z
    .object({
      ...{ words: count.optional(), stride: count.optional(), most: count.optional() },
      ...{ score: z.enum(passageScores).default(DEFAULT_SCORE), train: z.enum(trainingPassages).optional() },
    })
    .optional(),
  validation: validationForm.optional(),
});

/**
 * Fine-tunes a cross-encoder and saves it in the Hugging Face layout, where `transformers` finds a BertForSequenceClassification with
 * one label. Each epoch draws a positive and `groupSize − 1` negatives for every training query. Stopped at any instant and called
 * again, it goes on from its last checkpoint to the same weights.
 *
 * @throws {PropriaError} `OPTION_INVALID`, `PAIR_LIMITS`; `ADAPTER_OPTION`, `ADAPTER_SITE`, `ADAPTER_INIT`, `ADAPTER_BASE`; `OUTPUT_EXISTS`; `CHECKPOINT` when `init` lacks what is wanted of it;
 *   `NO_TRAINING_QUERIES`, `TOO_FEW_QUERIES`, `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`, `TOO_FEW_DOCUMENTS`, `NEGATIVES_LINE`; what the trainer throws:
 *   `INTERRUPTED` after a checkpoint, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 */
export async function finetuneCrossEncoder(training: CrossEncoderTraining): Promise<CrossEncoderTrainingResult> {
  const { collection, init, out, negatives = "bm25" } = training;
  const settings = checkedOptions(form, training);
  const { split, head, negativesDepth, loss, labels, groupSize, passages, steps, epochs = 2, ...others } = settings;
  const { validation, queries: drawn } = others;
  const reading = passages && { ...withoutUndefined(passages), ...checkedPassages(passages) };
  const graded = labels !== "binary";
  const { batch, learningRate, warmupRatio, seed } = others;
  if (validation) checkValidation(validation, split);
  refuseOther(training);

  const { base, adapters } = training;
  const start = await loadStart(init, head, {
    random: seeded(seed, "fresh head"),
    ...withoutUndefined({ base, adapters }),
  });
  const adapting = await trainedAdapter(training, start, headsBeside(start));
  const attachment = adapting?.attachment;
  const tokenizer = await Tokenizer.load(start.folder);
  const trained = trainedTokens(await readModelCard(init));
  const maxTokens = Math.min(settings.maxTokens ?? trained ?? DEFAULT_MAX_TOKENS, start.config.maxPositions);
  const limits = { queryTokens: settings.queryTokens ?? defaultQueryTokens(maxTokens), maxTokens };
  checkLimits(limits);
  const data = await prepareTrainingData(workFolder(out), collection, {
    ...{ split, negatives, depth: negativesDepth, groupSize, labels, tokenizer, validation },
    queries: drawn === undefined ? undefined : { count: drawn, seed },
    onPrepare: (preparation) => tellPreparation(training, preparation),
  });
  const { queries, shortOfNegatives, groups, documents, corpusHash, groupsHash } = data;
  const beginning: TrainingStart = { head: start.head, pooler: start.pooler, queries, shortOfNegatives };
  training.onStart?.(beginning);

  const { config } = start;
  const prepared = data.validation;
  const result = await trainModel<PairBatch, CrossEncoderSourceOptions>(training, {
    ...{ model: start.folder, config, parameters: start.parameters, adapting, tokenizer },
    contract: pairContract(limits),
    source: {
      ...{ module: "cross-encoder-source", openSource },
      options: { ...limits, groups, documents, tokenizer: start.folder, groupSize, graded, passages: reading },
    },
    loss: (parameters, batch, { dropout }) => {
      const scores = crossEncoderScores(adaptedScope(parameters, attachment, dropout), batch as PairTensors, config);
      return { loss: rankingLoss(loss, scores, groupSize, graded ? (batch.labels as Tensor1D) : undefined) };
    },
    evaluation:
      prepared &&
      ((weights, backend) => {
        const open = () =>
          crossEncoderOver(weights, { config, attachment, tokenizer, limits, passages: reading, backend }) as Reranker;
        return evaluationBy(prepared, open, training);
      }),
    identity: {
      ...{ task: "cross-encoder", loss, groupSize, ...limits },
      ...(graded && { labels }),
      ...(reading && { passages: reading }),
      ...{ tokenizer: tokenizerHash(tokenizer), corpus: corpusHash, queries: groupsHash },
      ...(prepared && { validation: validationIdentity(prepared) }),
    },
    settings: { seed, steps, epochs, batch, learningRate, warmupRatio, maxTokens, remainder: "train" },
    provenance: {
      objective: "cross-encoder",
      options: {
        ...{
          loss,
          labels,
          groupSize,
          passages: reading,
          head: start.head,
          split,
          negatives: nameOf(negatives),
          negativesDepth,
        },
        ...{ ...others, ...limits },
      },
      corpusHash,
    },
  });
  const { best: _, evaluations: __, ...told } = result;
  return { ...told, ...beginning, ...validationResult(validation, result) };
}

/** What is trained beside an adapter: the classifier, and a pooler that is not the model's own. */
function headsBeside({ config, pooler, beside }: Start) {
  const own = pooler === "carried" && !beside.some((name) => name.startsWith("bert.pooler."));
  const heads = Object.keys(own ? rankingInits(config) : crossEncoderInits(config));
  return { heads, pooler: own };
}

type PairTensors = { inputIds: Tensor2D; attentionMask: Tensor2D; tokenTypeIds: Tensor2D };
