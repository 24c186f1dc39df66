/** Training DeepCT on the judgements of a collection. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { refuseAsStart } from "@propria/adapters";
import { PropriaError, seeded } from "@propria/base";
import { scope } from "@propria/engine";
import { type StopWordListName, Tokenizer } from "@propria/tokenizer";
import { loadCheckpoint, type Tokens, tokenizerHash } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import {
  checkedOptions,
  type FineTuning,
  type FineTuningResult,
  fineTuningOptions,
  tellPreparation,
} from "../fine-tuning.ts";
import { refuseOther, workFolder } from "../out-folder.ts";
import { trainModel } from "../train-model.ts";
import { type DeepCtSourceOptions, openSource } from "./deep-ct-source.ts";
import { OBJECTIVE } from "./marker.ts";
import { SPECIAL_TOKENS } from "./passage-rows.ts";
import { stemsOf } from "./target.ts";
import { HEAD, maskedSquaredError, type TermWeightBatch, termWeightInits, tokenWeights } from "./term-weight-model.ts";
import { type TrainingPassage, writeTrainingPassages } from "./training-passage-file.ts";
import { trainingPassages } from "./training-passages.ts";

/** What a training of term weights needs. Defaults, as in DeepCT's code: 3 epochs, 16 passages in a step, a learning rate of 2e-5, a warm-up of 0.1. */
export interface TermWeightTraining extends FineTuning {
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
}

/** What came of it; the loss is the squared error of a weight. */
export interface TermWeightTrainingResult extends FineTuningResult {
  /** Rows of passages with a relevant query. */
  passages: number;
}

/** The options that decide what is learnt, with their defaults. */
const form = z.object({
  ...fineTuningOptions({ batch: 16, learningRate: 2e-5 }),
  stopWords: z.enum(["english", "lucene", "none"]).default("english"),
  pattern: z.string().optional(),
  maxTokens: z
    .int()
    .min(SPECIAL_TOKENS + 1)
    .default(128),
  longPassages: z.enum(["cut", "windows"]).default("cut"),
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
 * @throws {PropriaError} `OPTION_INVALID`; `OUTPUT_EXISTS`; `CHECKPOINT`; `ADAPTER_INIT`; `NO_TRAINING_QUERIES`, `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`,
 *   `NO_TARGETS` when no passage holds a word of its queries;
 *   what the trainer throws: `INTERRUPTED` after a checkpoint, `OTHER_OPTIONS`, `NOTHING_TO_RESUME`.
 * @see Dai and Callan, "Context-Aware Term Weighting For First Stage Passage Retrieval", SIGIR 2020. https://arxiv.org/abs/1910.10687
 */
export async function trainTermWeights(training: TermWeightTraining): Promise<TermWeightTrainingResult> {
  const { collection, init, out } = training;
  const settings = checkedOptions(form, training, "term weights");
  const { split, stopWords, pattern, longPassages, steps, epochs = 3, ...others } = settings;
  const { batch, learningRate, warmupRatio, seed } = others;
  const stems = stemsOf({ stopWords, ...(pattern !== undefined && { pattern: expression(pattern) }) });
  refuseOther(training);
  await refuseAsStart(init);

  const { config, parameters } = await loadCheckpoint(init, {
    heads: termWeightInits,
    fresh: [HEAD],
    drop: OTHER_HEADS,
    random: seeded(seed, "fresh head"),
  });
  const tokenizer = await Tokenizer.load(init);
  const maxTokens = Math.min(settings.maxTokens, config.maxPositions);
  const path = join(workFolder(out), "passages.bin");
  const passages = await writePassages(
    path,
    trainingPassages(collection, {
      ...{ split, tokenizer, stems, maxTokens, longPassages },
      onDocument: (done) => tellPreparation(training, { stage: "documents", done }),
    }),
  );
  const passagesHash = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

  const result = await trainModel<TermWeightBatch, DeepCtSourceOptions>(training, {
    ...{ config, parameters, tokenizer },
    source: { module: "deep-ct-source", openSource, options: { passages: path, padId: tokenizer.padId } },
    loss: (parameters, batch, { dropout }) => {
      const { targets, targetWeights, ...tokens } = batch as TermWeightTensors;
      const weights = tokenWeights(scope(parameters, "", { dropout }), tokens as Tokens, config);
      return { loss: maskedSquaredError(weights, targets, targetWeights) };
    },
    identity: { task: OBJECTIVE, tokenizer: tokenizerHash(tokenizer), passages: passagesHash },
    settings: { seed, steps, epochs, batch, learningRate, warmupRatio, maxTokens, remainder: "train" },
    provenance: {
      objective: OBJECTIVE,
      options: { split, stopWords, pattern, longPassages, ...others, maxTokens },
      ...{ maxTokens, passagesHash },
    },
  });
  return { ...result, passages };
}

type TermWeightTensors = Record<
  keyof Pick<TermWeightBatch, "inputIds" | "attentionMask" | "targets" | "targetWeights">,
  Tensor2D
>;

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
