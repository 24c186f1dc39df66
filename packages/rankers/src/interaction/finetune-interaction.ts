/** Training DRMM, K-NRM or Conv-KNRM on the judgements of a collection. */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { seeded, writeFileAtomically } from "@propria/base";
import { type Batch, openBackend, ParameterStore, scope } from "@propria/engine";
import { type Json, train } from "@propria/trainer";
import { formatModelCard } from "@propria/transformer-core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import {
  checkedOptions,
  type FineTuning,
  type FineTuningResult,
  fineTuningOptions,
  tellPreparation,
} from "../fine-tuning.ts";
import { rankingLoss, rankingLosses } from "../losses.ts";
import { refuseOther, workFolder } from "../out-folder.ts";
import type { Reranker } from "../reranker.ts";
import { built, plain, weightsOf } from "../train-model.ts";
import { type NegativesChoice, nameOf, prepareTrainingData } from "../training-data.ts";
import {
  checkValidation,
  evaluationBy,
  type Validated,
  type ValidationResult,
  validationForm,
  validationIdentity,
  validationResult,
} from "../validation.ts";
import { type InteractionConfig, type InteractionOptions, parseInteraction } from "./config.ts";
import { writeInteraction } from "./folder.ts";
import { hinge } from "./hinge.ts";
import { type InteractionSourceOptions, openSource } from "./interaction-source.ts";
import { EMBEDDINGS, type Tensors } from "./matcher.ts";
import { interactionOver } from "./open-interaction.ts";
import { matcherOf } from "./open-matcher.ts";
import { type InteractionStart, startOf, type VectorsChoice } from "./start.ts";
import { wordsBy } from "./words.ts";

const count = z.int().positive();

/** The options of such a training that decide what is learnt, beside the model's own and those of every fine-tuning. */
export const interactionTraining = z.object({
  queries: count
    .optional()
    .describe(
      "learn from N of the split's queries, drawn by the seed: the first 10 are among the first 50; default: all",
    ),
  negativesDepth: count.optional().describe("documents from the top of a ranking that are negatives; default 100"),
  loss: z.enum(rankingLosses).default("rawHinge").describe("what is minimised; the papers' is the hinge of pairs"),
  margin: z.number().positive().default(1).describe("of rawHinge; 1 in the papers, 0.1 in DRMM's code"),
  labels: z
    .union([z.enum(["binary", "scaled"]), z.array(z.number()).readonly()])
    .default("binary")
    .describe(
      "what grades mean; but for binary, a positive may stand above another of a lower grade, as in DRMM's code",
    ),
  groupSize: z.int().min(2).default(2).describe("documents in a group: a positive, and negatives"),
  groupsPerPositive: count.default(1).describe("groups of each positive in an epoch; DRMM's code has 10 or 5. A guess"),
  groupsPerQuery: count.default(1000).describe("groups of a query in an epoch at most; 1000 in DRMM's code"),
  fewPositives: z
    .enum(["same", "boost"])
    .default("same")
    .describe(
      "boost: queries of the quartiles with the fewest positives have 5, 3, 1.5 times the groups, as in DRMM's code",
    ),
  epsilon: z.number().positive().default(1e-5).describe("Adam's; 1e-5 in K-NRM's code"),
  weightDecay: z.number().min(0).default(0).describe("AdamW's, of matrices; the papers have none"),
  missing: z
    .enum(["random", "none"])
    .optional()
    .describe(
      "words without a vector get a random one; default random, for DRMM none: there they match themselves. A guess",
    ),
  minDocuments: count.default(2).describe("documents that a word without a vector must be in to be known. A guess"),
});

/**
 * What such a training needs. Defaults: 10 epochs over the training queries (a guess), 16 groups in a step and Adam's rate of 1e-3, as in K-NRM's code; for DRMM 20 groups and
 * 1e-2, where its paper has AdaGrad and its code plain descent. No warm-up; the rate falls linearly, as in DRMM's code.
 */
export interface InteractionTraining extends Omit<FineTuning, "init">, Validated, z.input<typeof interactionTraining> {
  /** Which model, and its options. */
  model: InteractionOptions;
  /** Learnt from the collection's documents (default), or a text file's. */
  vectors?: VectorsChoice;
  /** `"bm25"` (default), a file, or a function of the split's qrels: as for a cross-encoder. */
  negatives?: NegativesChoice;
  /** Called once, before the first step. */
  onStart?: (start: InteractionBeginning) => void;
}

/** What training starts from. */
export interface InteractionBeginning {
  /** Queries with a positive. */
  queries: number;
  /** Of those, queries with too few negatives for a group; random documents of the corpus fill theirs. */
  shortOfNegatives: number;
  /** Words of the collection that are known, and how many of them have a vector. */
  words: number;
  vectors: number;
}

/** What came of it. */
export interface InteractionTrainingResult extends InteractionBeginning, FineTuningResult {
  /** Where the training is validated. */
  validation?: ValidationResult;
}

/** Adam's rate and the groups of a step, by model. */
const USUAL = {
  drmm: { batch: 20, learningRate: 1e-2 },
  knrm: { batch: 16, learningRate: 1e-3 },
  "conv-knrm": { batch: 16, learningRate: 1e-3 },
};

const START = "start";
const DEFAULT_EPOCHS = 10;

/**
 * Trains the model and saves it in a folder that `openInteraction` and `openReranker` read. Stopped at any instant and called again, it goes on from its last
 * checkpoint to the same weights.
 *
 * @throws {PropriaError} `OPTION_INVALID`, `OUTPUT_EXISTS`; what reading or learning word vectors throws; `NO_TRAINING_QUERIES`, `TOO_FEW_QUERIES`, `QUERY_UNKNOWN`,
 *   `DOCUMENT_UNKNOWN`, `TOO_FEW_DOCUMENTS`, `NEGATIVES_LINE`; what the trainer throws: `INTERRUPTED`, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 */
export async function finetuneInteraction(training: InteractionTraining): Promise<InteractionTrainingResult> {
  const { collection, out, negatives = "bm25", vectors = { train: {} } } = training;
  const asked = parseInteraction(training.model, "fine-tuning: model");
  const form = z.object({
    ...fineTuningOptions(USUAL[asked.model]),
    warmupRatio: z.number().min(0).lt(1).default(0),
    ...interactionTraining.shape,
    validation: validationForm.optional(),
  });
  const settings = checkedOptions(form, training);
  const { split, seed, steps, epochs = DEFAULT_EPOCHS, batch, learningRate, warmupRatio, ...others } = settings;
  const { loss, margin, groupSize, labels, negativesDepth, epsilon, weightDecay, minDocuments, validation } = others;
  const missing = others.missing ?? (asked.model === "drmm" ? "none" : "random");
  if (validation) checkValidation(validation, split);
  refuseOther(training);
  await collection.qrels(split); // a split that there is not is told before the words are counted
  const work = workFolder(out);
  const onPrepare: NonNullable<FineTuning["onPrepare"]> = (preparation) => tellPreparation(training, preparation);

  const start = await startOf(collection, {
    ...{ words: wordsBy(asked.words), wordSettings: asked.words, vectors, missing, minDocuments, work, onPrepare },
    ...{ random: seeded(seed, "missing vectors"), signal: training.signal },
  });
  const { vocabulary, table } = start;
  const config: InteractionConfig = { ...asked, dimensions: table.shape[1]! };
  const matcher = matcherOf(config, vocabulary, table);
  const parameters = {
    ...matcher.start(seeded(seed, "fresh weights")),
    ...(matcher.embeds && { [EMBEDDINGS]: table }),
  };
  await writeInteraction(join(work, START), { config, vocabulary, parameters: { [EMBEDDINGS]: table } });

  const data = await prepareTrainingData(work, collection, {
    ...{ split, negatives, depth: negativesDepth, groupSize, labels, validation, onPrepare },
    queries: others.queries === undefined ? undefined : { count: others.queries, seed },
    tokenizer: queryReader(start, config),
  });
  const { queries, shortOfNegatives, groups, documents, corpusHash, groupsHash } = data;
  const beginning = { queries, shortOfNegatives, words: vocabulary.words.length, vectors: vocabulary.vectors };
  training.onStart?.(beginning);

  const options: InteractionSourceOptions = { start: join(work, START), groups, documents, ...drawing(others) };
  const store = ParameterStore.create(parameters, {
    trainable: (name) => name !== EMBEDDINGS || ("trainVectors" in config && config.trainVectors),
  });
  const prepared = data.validation;
  const backend = await openBackend(training.backend ?? "onnx", { threads: training.threads, memory: training.memory });
  const result = await train<Batch>({
    ...{ store, out, seed, batch, learningRate, warmupRatio, maxTokens: matcher.maxLength, remainder: "train" },
    ...(steps === undefined ? { epochs } : { steps }),
    optimizer: { epsilon, weightDecay, maxGradientNorm: Number.POSITIVE_INFINITY },
    loss: (weights, given) => {
      const scores = matcher.scores(scope(weights), given as Tensors); // [G·K]
      const grouped = tf.reshape(scores, [-1, groupSize]) as tf.Tensor2D;
      return { loss: loss === "rawHinge" ? hinge(grouped, margin) : rankingLoss(loss, scores, groupSize) };
    },
    identity: {
      ...{ task: config.model, config, loss, margin, ...drawing(others) },
      ...{ corpus: corpusHash, queries: groupsHash, vectors: hashOf(start) },
      ...(prepared && { validation: validationIdentity(prepared) }),
    } as unknown as Json,
    backend,
    evaluation:
      prepared &&
      evaluationBy(
        prepared,
        () => interactionOver(store, { config, vocabulary, matcher, backend }) as Reranker,
        training,
      ),
    source: training.workers === 0 ? await openSource(options) : { module: built("interaction-source"), options },
    checkpointEvery: training.checkpointEvery,
    resume: training.resume,
    signal: training.signal,
    onProgress: training.onProgress,
  });

  await writeInteraction(out, { config, vocabulary, parameters: { [EMBEDDINGS]: table, ...weightsOf(store) } });
  const provenance = plain({
    ...{ objective: config.model, options: { ...settings, epochs, missing, vectors, negatives: nameOf(negatives) } },
    ...{ collection: collection.name, corpusHash, seed, steps: result.steps, best: result.best },
  });
  await writeFileAtomically(join(out, "propria.json"), formatModelCard({ provenance }));
  await rm(work, { recursive: true, force: true });
  const { steps: taken, meanLoss, elapsedSeconds, tokensPerSecond } = result;
  return {
    ...{ folder: out, steps: taken, loss: meanLoss, elapsedSeconds, tokensPerSecond },
    ...{ ...beginning, ...validationResult(validation, result) },
  };
}

type Drawing = Pick<
  z.output<typeof interactionTraining>,
  "groupSize" | "groupsPerPositive" | "groupsPerQuery" | "fewPositives"
>;

const drawing = ({ groupSize, groupsPerPositive, groupsPerQuery, fewPositives }: Drawing): Drawing => ({
  ...{ groupSize, groupsPerPositive, groupsPerQuery, fewPositives },
});

/** Makes numbers of a training query's words; all of them are in the vocabulary. */
function queryReader({ vocabulary }: InteractionStart, config: InteractionConfig) {
  const words = wordsBy(config.words);
  return {
    vocabulary: vocabulary.words,
    encode: (text: string) => words(text).map((word) => vocabulary.id(word)!),
  };
}

const hashOf = ({ vocabulary, table }: InteractionStart): string =>
  createHash("sha256").update(vocabulary.words.join("\n")).update(table.data).digest("hex");
