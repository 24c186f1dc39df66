/** Training DeepCT on the judgements of a collection. */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PropriaError, seeded } from "@propria/base";
import { type BackendName, openBackend, ParameterStore, scope } from "@propria/engine";
import { type StopWordListName, Tokenizer } from "@propria/tokenizer";
import { type TrainingProgress, train } from "@propria/trainer";
import { type Json, loadCheckpoint, readModelCard, type Tokens, writeModelFiles } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { refuseOther } from "../refuse-other.ts";
import { viewsOf } from "../start.ts";
import type { TrainingCollection } from "../training-data.ts";
import { type DeepCtSourceOptions, openSource } from "./deep-ct-source.ts";
import { OBJECTIVE } from "./marker.ts";
import { SPECIAL_TOKENS } from "./passage-rows.ts";
import { stemsOf } from "./target.ts";
import { HEAD, maskedSquaredError, type TermWeightBatch, termWeightInits, tokenWeights } from "./term-weight-model.ts";
import { type TrainingPassage, writeTrainingPassages } from "./training-passage-file.ts";
import { trainingPassages } from "./training-passages.ts";

/** What a training of term weights needs. Paths are folders. */
export interface TermWeightTraining {
  collection: TrainingCollection;
  /** The split whose judgements are learnt; default `"train"`. */
  split?: string;
  /** The encoder to start from. */
  init: string;
  /** The model folder to write; must not exist, or hold an unfinished training of the same settings to resume. */
  out: string;
  /** Words that are no targets; default `"english"`, which stands in for the list of DeepCT's code. A guess. */
  stopWords?: StopWordListName | "none";
  /**
   * What a word of queries and passages is, a regular expression over lower-cased text (flag `u`); default `[a-z0-9]+`, as in DeepCT's
   * code. For Chinese, in which BERT's words are characters: `[a-z0-9]+|\p{Script=Han}`; the index' analyzer needs the same.
   */
  pattern?: string;
  /** Longest passage that is read, special tokens included; default 128, as in DeepCT's code. */
  maxTokens?: number;
  /** What becomes of the rest of a longer one: `"cut"` (default) as in DeepCT's code, or each window of it is a passage too. */
  longPassages?: "cut" | "windows";
  /** Default 0. */
  seed?: number;
  /** Updates; or passes over the training passages. Default: 3 epochs, as in DeepCT's code. */
  steps?: number;
  epochs?: number;
  /** Passages in a step; default 16, as there. */
  batch?: number;
  /** Default 2e-5, as there. */
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
  /** Called while the documents are read, with how many; often. */
  onPrepare?: (preparation: { stage: "documents"; done: number }) => void;
  onProgress?: (progress: TrainingProgress) => void;
}

/** What came of it. */
export interface TermWeightTrainingResult {
  folder: string;
  /** Rows of passages with a relevant query. */
  passages: number;
  steps: number;
  /** Mean loss of the last steps: squared error of a weight. */
  loss: number;
  elapsedSeconds: number;
  tokensPerSecond: number;
}

const count = z.int().positive();

/** The options that decide what is learnt, with their defaults. */
const form = z
  .object({
    split: z.string().default("train"),
    stopWords: z.enum(["english", "lucene", "none"]).default("english"),
    pattern: z.string().optional(),
    maxTokens: z
      .int()
      .min(SPECIAL_TOKENS + 1)
      .default(128),
    longPassages: z.enum(["cut", "windows"]).default("cut"),
    seed: z.int().default(0),
    steps: count.optional(),
    epochs: count.optional(),
    batch: count.default(16),
    learningRate: z.number().positive().default(2e-5),
    warmupRatio: z.number().min(0).lt(1).default(0.1),
  })
  .refine(({ steps, epochs }) => steps === undefined || epochs === undefined, {
    error: "give one of steps and epochs",
    path: ["steps"],
  });

/** Heads of `init` that term weights have no use for. */
const OTHER_HEADS = ["cls", "classifier", "bert.pooler"];

/**
 * Trains an encoder to give each word of a passage its query term recall, and saves it with its head. Stopped at any instant and called
 * again, it goes on from its last checkpoint to the same weights.
 *
 * As in DeepCT's code, the loss is over the first piece of every word, of stop words too (their target is 0). Unlike there, punctuation
 * is no word.
 *
 * @throws {PropriaError} `OPTION_INVALID`; `OUTPUT_EXISTS`; `CHECKPOINT`; `NO_TRAINING_QUERIES`, `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`,
 *   `NO_TARGETS` when no passage holds a word of its queries;
 *   what the trainer throws: `INTERRUPTED` after a checkpoint, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 * @see Dai and Callan, "Context-Aware Term Weighting For First Stage Passage Retrieval", SIGIR 2020. https://arxiv.org/abs/1910.10687
 */
export async function trainTermWeights(training: TermWeightTraining): Promise<TermWeightTrainingResult> {
  const { collection, init, out, signal, resume = "auto", backend = "onnx", threads, memory } = training;
  const { split, stopWords, pattern, longPassages, steps, epochs = 3, ...settings } = settingsOf(training);
  const stems = stemsOf({ stopWords, ...(pattern !== undefined && { pattern: expression(pattern) }) });
  refuseOther(out, resume);

  const { config, parameters } = await loadCheckpoint(init, {
    heads: termWeightInits,
    fresh: [HEAD],
    drop: OTHER_HEADS,
    random: seeded(settings.seed, "fresh head"),
  });
  const tokenizer = await Tokenizer.load(init);
  const card = await readModelCard(init);
  const maxTokens = Math.min(settings.maxTokens, config.maxPositions);
  const work = join(out, "data");
  const path = join(work, "passages.bin");
  const passages = await writePassages(
    path,
    trainingPassages(collection, {
      ...{ split, tokenizer, stems, maxTokens, longPassages },
      onDocument(done) {
        if (signal?.aborted) throw new PropriaError("INTERRUPTED", "stopped before the first step", { at: out });
        training.onPrepare?.({ stage: "documents", done });
      },
    }),
  );
  const passagesHash = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

  const store = ParameterStore.create(parameters);
  const sourceOptions: DeepCtSourceOptions = { passages: path, padId: tokenizer.padId };
  const trained = await train<TermWeightBatch>({
    store,
    backend: await openBackend(backend, { threads, memory }),
    source: training.workers === 0 ? openSource(sourceOptions) : { module: sourceModule(), options: sourceOptions },
    loss: (parameters, batch, { dropout }) => {
      const { targets, targetWeights, ...tokens } = batch as TermWeightTensors;
      const weights = tokenWeights(scope(parameters, "", { dropout }), tokens as Tokens, config);
      return { loss: maskedSquaredError(weights, targets, targetWeights) };
    },
    out,
    identity: { task: OBJECTIVE, passages: passagesHash },
    ...{ seed: settings.seed, batch: settings.batch, learningRate: settings.learningRate },
    ...{ warmupRatio: settings.warmupRatio, maxTokens, remainder: "train", resume },
    ...(steps === undefined ? { epochs } : { steps }),
    ...(training.checkpointEvery !== undefined && { checkpointEvery: training.checkpointEvery }),
    ...(signal && { signal }),
    ...(training.onProgress && { onProgress: training.onProgress }),
  });

  await writeModelFiles(out, {
    config,
    parameters: viewsOf(store),
    tokenizer,
    provenance: {
      objective: OBJECTIVE,
      maxTokens,
      options: { split, stopWords, ...(pattern !== undefined && { pattern }), longPassages, ...settings, maxTokens },
      ...{ collection: collection.name, passagesHash, seed: settings.seed, steps: trained.steps },
      ...(card && { init: card.provenance as Json }),
    },
  });
  await rm(work, { recursive: true, force: true });
  const { steps: done, meanLoss, elapsedSeconds, tokensPerSecond } = trained;
  return { folder: out, passages, steps: done, loss: meanLoss, elapsedSeconds, tokensPerSecond };
}

type TermWeightTensors = Record<
  keyof Pick<TermWeightBatch, "inputIds" | "attentionMask" | "targets" | "targetWeights">,
  Tensor2D
>;

function settingsOf(training: TermWeightTraining): z.output<typeof form> {
  const { data, error } = form.safeParse(training);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw new PropriaError("OPTION_INVALID", message, { at: `term weights: ${path.join(".")}`, cause: error });
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (cause) {
    throw new PropriaError("OPTION_INVALID", (cause as Error).message, { at: "term weights: pattern", cause });
  }
}

/** Writes the passages and counts them; without a word that any query asks for there is nothing to learn. */
async function writePassages(path: string, passages: AsyncIterable<TrainingPassage>): Promise<number> {
  let [count, askedFor] = [0, false];
  async function* counted() {
    for await (const passage of passages) {
      count++;
      askedFor ||= passage.targets.some((target) => target > 0);
      yield passage;
    }
  }
  await writeTrainingPassages(path, counted());
  if (!askedFor)
    throw new PropriaError("NO_TARGETS", "no training passage holds a word of a query that it is relevant to", {
      mend: "give the pattern of a word for another script than Latin, or fewer stop words",
    });
  return count;
}

/** The module that the data worker imports: the build, for a worker thread runs no TypeScript. */
const sourceModule = () =>
  pathToFileURL(createRequire(import.meta.url).resolve("@propria/rankers/deep-ct-source")).href;
