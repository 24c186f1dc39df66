/** Cross-validation: each query is ranked by a model that has not seen it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openCollection, readRun } from "@propria/collection";
import { type CrossValidation, crossValidate, readFolds } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type StepContext } from "../graph/step.ts";
import { adapted } from "./adapted.ts";
import type { CrossEncoderSettings } from "./finetune-cross-encoder.ts";
import type { InteractionSettings } from "./finetune-interaction.ts";
import { keepRun, type RunStep, runFile } from "./search.ts";
import { showTraining } from "./training-curve.ts";

/** How a collection is cut, and when the training of a fold ends. */
export interface FoldingSettings {
  /** The split whose judged queries are cut; each part is tested, and validates the model of the one before. */
  split: string;
  folds: number;
  /** Candidates that are re-ranked. */
  depth: number;
  /** The most passes over a fold's training queries. */
  epochs: number;
  /** Passes without a better value of `measure` on the fold of validation after which the training ends. */
  patience: number;
  measure: string;
}

/** What is cut. */
export interface Folded {
  collection: FolderStep;
  candidates: RunStep;
  /** A folder whose `folds.json` says who is in which fold. Default: folds that are drawn, always alike. */
  lists: FolderStep | undefined;
}

/** A cross-encoder's. Stopped, it goes on within the fold. */
export const crossValidateStep = (
  init: FolderStep,
  folded: Folded,
  { label, ...settings }: FoldingSettings & Omit<CrossEncoderSettings, "queries">,
): RunStep =>
  defineStep({
    name: `cross-validating ${label}, seed ${settings.seed}`,
    kind: "cross-validate",
    version: 1,
    settings: { ...settings },
    inputs: { init, ...inputsOf(folded) },
    run: (context) =>
      crossValidated(context, { folded, settings }, { ...adapted(settings), init: pathOf(context, init) }),
  });

/** That of a ranker from before BERT. */
export const crossValidateInteractionStep = (
  folded: Folded,
  { label, ...settings }: FoldingSettings & InteractionSettings,
): RunStep =>
  defineStep({
    name: `cross-validating ${label}, seed ${settings.seed}`,
    kind: "cross-validate-interaction",
    version: 1,
    settings: { ...settings },
    inputs: inputsOf(folded),
    run(context) {
      const { model, vectors, ...training } = settings;
      return crossValidated(
        context,
        { folded, settings },
        {
          ...training,
          model: { model, dimensions: vectors.dimensions },
          vectors: { train: { ...vectors, seed: settings.seed } },
        },
      );
    },
  });

const inputsOf = ({ collection, candidates, lists }: Folded) => ({ collection, candidates, ...(lists && { lists }) });

/** Who is in which fold: a list of lists of query ids. */
export const FOLDS = "folds.json";

type Ours = "collection" | "out" | "validation" | "negatives";
type WithoutOurs<Training> = Training extends unknown ? Omit<Training, Ours> : never;

/** The folds' models are not kept: they are many, and their run is what was wanted. */
async function crossValidated(
  context: StepContext,
  { folded, settings }: { folded: Folded; settings: FoldingSettings },
  training: WithoutOurs<CrossValidation>,
): Promise<{ run: string }> {
  const { folder, threads, signal, onProgress } = context;
  const { collection, candidates, lists } = folded;
  const { depth, measure, patience } = settings;
  const out = join(folder, "folds");
  const file = runFile(context, candidates);
  const { run } = await crossValidate({
    ...training,
    ...(lists && { folds: await readFolds(join(pathOf(context, lists), FOLDS)) }),
    collection: await openCollection(pathOf(context, collection)),
    out,
    negatives: { file },
    validation: { candidates: { file }, depth, measure, patience },
    ...(threads !== undefined && { threads }),
    signal,
    onPrepare: ({ stage, done }) => onProgress({ done, unit: stage }),
    onProgress: showTraining(context),
    onFold: ({ fold, folds, doing }) => onProgress({ done: fold, total: folds, unit: "folds", note: doing }),
  } as CrossValidation);
  const kept = await keepRun(context, await readRun(run));
  await rm(out, { recursive: true, force: true });
  return kept;
}
