/** Cross-validation: what a ranker is worth on a collection without a split to learn from. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { type DocumentStore, documentText, type Query, readRun, writeRun } from "@propria/collection";
import type { InvertedIndex } from "@propria/lexical";
import { evaluate, type Qrels, type Run } from "@propria/metrics";
import { trainWordVectors, writeWordVectors } from "@propria/word-vectors";
import { findCandidates } from "../candidates.ts";
import { tellPreparation } from "../fine-tuning.ts";
import type { CrossEncoderTraining } from "../finetune-cross-encoder.ts";
import { parseInteraction } from "../interaction/config.ts";
import type { InteractionTraining } from "../interaction/finetune-interaction.ts";
import { wordsBy } from "../interaction/words.ts";
import { DEFAULT_DEPTH } from "../negatives/negatives.ts";
import { documentStore, indexOf, type Preparation, type TrainingCollection } from "../training-documents.ts";
import { parseValidation, type Validation, type ValidationSettings } from "../validation.ts";
import { foldOf, tagOf } from "./fold.ts";
import { checkFolds, cutFolds, type Folds } from "./folds.ts";
import { filesOf, keepNote, refuseOther } from "./note.ts";

/** How a collection is cut, and how the model of each fold is chosen and tested. */
export interface Folding {
  /** The split whose judged queries are cut into folds; default `"test"`. */
  split?: string;
  /** Their number, at least 3, drawn alike whatever the training's seed; or the folds themselves. Default 5. */
  folds?: number | Folds;
  /** As in any fine-tuning; candidates and depth are those of the test too. */
  validation?: Omit<Validation, "split">;
  onFold?: (progress: FoldProgress) => void;
}

/** A cross-encoder's training or that of DRMM, K-NRM or Conv-KNRM, once for each fold. `out` is the folder of all. */
export type CrossValidation = (
  | Omit<CrossEncoderTraining, "validation" | "split">
  | Omit<InteractionTraining, "validation" | "split">
) &
  Folding;

/** What is being done: a fold that an earlier call finished is skipped. */
export interface FoldProgress {
  /** 1 for the first. */
  fold: number;
  folds: number;
  doing: "skip" | "train" | "test";
  /** Of `test`: pairs scored, and in all. */
  pairs: number;
  totalPairs: number;
}

/** What came of a fold. */
export interface FoldResult {
  /** The model: it learnt from the other folds but for the next one, on which it was validated. */
  folder: string;
  /** Queries that it was tested on. */
  queries: number;
  /** The best value on the fold of validation, and the updates after which it was found. */
  validation: { value: number; step: number };
  /** The measure's mean over the queries that it was tested on. */
  test: number;
}

/** What came of all. */
export interface CrossValidationResult {
  folder: string;
  /** File of the run that answers each query by the model of its fold, which has not seen the query. */
  run: string;
  /** File of the candidates that were re-ranked: the run to compare with. */
  candidates: string;
  measure: string;
  /** The measure's mean over all queries. */
  value: number;
  folds: FoldResult[];
}

/** What a cross-validation is about. */
export interface Work {
  training: CrossValidation;
  settings: Omit<ValidationSettings, "split">;
  qrels: Qrels;
  queries: readonly Query[];
  folds: Folds;
  documents: DocumentStore;
}

const DEFAULT_FOLDS = 5;

/**
 * Trains a model for each fold: it is tested on that fold, validated on the next (after the last comes the first) and learns from the others.
 *
 * In `out`: the models `fold-1` …, `candidates.run`, and `test.run`, in which each query is ranked by the model of its fold. Called again, it passes over
 * finished folds and goes on within the one that was stopped.
 *
 * @throws {PropriaError} `FOLDS`; `OUTPUT_EXISTS` for a folder that holds something else, `OTHER_OPTIONS` for one that was begun otherwise; `INTERRUPTED`;
 *   `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN`; what the fine-tuning throws.
 * @example
 * await crossValidate({ collection, init: "prop", out: "cv", epochs: 10, validation: { depth: 200, patience: 3 } });
 */
export async function crossValidate(training: CrossValidation): Promise<CrossValidationResult> {
  const { collection, out, split = "test", folds: wanted = DEFAULT_FOLDS } = training;
  const { split: _, ...settings } = parseValidation({ ...training.validation, split: "validation" });
  refuseOther(training);
  const files = filesOf(out);
  const at = `${collection.name}, split ${split}`;
  const qrels = await collection.qrels(split);
  const queries = await judgedQueries(collection, qrels, at);
  const folds = typeof wanted === "number" ? cutFolds(qrels.keys(), wanted) : wanted;
  checkFolds(folds, new Set(qrels.keys()), at);
  await mkdir(out, { recursive: true });
  const documents = await documentStore(files.documents, collection, (done) => tellPreparation(training, done));
  try {
    const work: Work = { training, settings, qrels, queries, folds, documents };
    await keepNote(work);
    const candidates = await candidatesOf(work, split);
    const vectors = "model" in training ? await vectorsOf(training, documents) : undefined;
    const tests: Run = new Map();
    const results: FoldResult[] = [];
    for (const fold of folds.keys()) {
      const { run, ...result } = await foldOf(fold, { ...work, candidates, vectors });
      results.push(result);
      for (const [queryId, ranking] of run) tests.set(queryId, ranking);
    }
    await writeRun(files.test, tests, { tag: tagOf(training) });
    const { measures, mean } = evaluate(qrels, tests, [settings.measure]);
    const measure = measures[0]!;
    return {
      ...{ folder: out, run: files.test, candidates: files.candidates },
      ...{ measure, value: mean[measure]!, folds: results },
    };
  } finally {
    documents.close();
    await rm(files.documents, { recursive: true, force: true });
  }
}

async function judgedQueries(collection: TrainingCollection, qrels: Qrels, at: string): Promise<Query[]> {
  const queries: Query[] = [];
  for await (const query of collection.queries()) if (qrels.has(query.id)) queries.push(query);
  const found = new Set(queries.map(({ id }) => id));
  for (const id of qrels.keys())
    if (!found.has(id))
      throw new PropriaError("QUERY_UNKNOWN", `query ${id} is judged but not among the queries`, { at });
  return queries;
}

/** The candidates of all queries, found once: a call that goes on takes the same. BM25's are deep enough for negatives too. */
async function candidatesOf({ training, settings, queries, documents }: Work, split: string): Promise<Run> {
  const { candidates: choice, depth } = settings;
  const path = filesOf(training.out).candidates;
  if (existsSync(path)) return readRun(path);
  const onPrepare = (preparation: Preparation) => tellPreparation(training, preparation);
  let made: Promise<InvertedIndex> | undefined;
  const found = await findCandidates(queries, choice, {
    ...{
      documents,
      split,
      depth: choice === "bm25" ? Math.max(depth, training.negativesDepth ?? DEFAULT_DEPTH) : depth,
    },
    index: () => (made ??= indexOf(documents, onPrepare)),
    onProgress: (done) => onPrepare({ stage: "candidates", done }),
  });
  await writeRun(path, found, { tag: choice === "bm25" ? choice : "candidates" });
  return readRun(path);
}

/** A file of word vectors of the collection, learnt once for all folds; undefined where they are a file anyway. */
async function vectorsOf(
  training: Extract<CrossValidation, { model: unknown }>,
  documents: DocumentStore,
): Promise<string | undefined> {
  const { vectors = { train: {} }, signal } = training;
  if ("file" in vectors) return undefined;
  const path = filesOf(training.out).vectors;
  if (existsSync(path)) return path;
  const words = wordsBy(parseInteraction(training.model, "fine-tuning: model").words);
  const learnt = await trainWordVectors(texts, {
    ...vectors.train,
    ...(signal && { signal }),
    onProgress: ({ texts: done, stage }) => stage === "training" && training.onPrepare?.({ stage: "vectors", done }),
  });
  await writeWordVectors(path, learnt);
  return path;

  async function* texts() {
    for await (const document of documents.documents()) yield words(documentText(document));
  }
}
