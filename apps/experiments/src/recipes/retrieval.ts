/** The steps of a retrieval table: pre-training, zero-shot search, fine-tuning in stages, and the measures of each. */
import { type Cell, type CurveStep, NO_SEED, type Plan, type PlanContext } from "../experiment.ts";
import type { FolderStep } from "../graph/folder-step.ts";
import { bm25Step } from "../steps/bm25.ts";
import { evaluateStep } from "../steps/evaluate.ts";
import { finetuneStep } from "../steps/finetune.ts";
import { fuseStep } from "../steps/fuse.ts";
import { mineStep } from "../steps/mine.ts";
import { type RunStep, searchStep } from "../steps/search.ts";
import type { TrainedStep } from "../steps/training-curve.ts";
import { type EncodingSettings, indexStep } from "../steps/vectors.ts";
import type { PretrainingSystem } from "./objectives.ts";
import { nameOf, pretrained, type SettingOf, startModel } from "./pretraining.ts";
import { type FinetuneStage, type RetrievalSettings, STAGE, type TestSet } from "./settings.ts";

/** Which of a retrieval experiment's systems a row has. */
export interface RetrievalPlan {
  systems: readonly PretrainingSystem[];
  /** Also the model that further pre-training starts from, under this name. */
  startAs?: string;
  bm25?: boolean;
  /** Joins BM25's ranking and this system's, by reciprocal rank, at the last stage. */
  fused?: string;
}

/** The cells of a retrieval table. The same settings give the same steps, so that two rows share what they have in common. */
export function retrievalPlan(context: PlanContext, settings: RetrievalSettings, wanted: RetrievalPlan): Plan {
  const parts = context.seeds.map((seed) => planOfSeed({ context, settings, seed }, wanted));
  const lexical = wanted.bm25 ? bm25Cells(context, settings) : [];
  return { cells: [...lexical, ...parts.flatMap(({ cells }) => cells)], curves: parts.flatMap(({ curves }) => curves) };
}

/** Where steps come from. */
export type Setting = SettingOf<RetrievalSettings>;

function planOfSeed(
  setting: Setting,
  { systems, startAs, fused }: RetrievalPlan,
): { cells: Cell[]; curves: CurveStep[] } {
  const cells: Cell[] = [];
  const curves: CurveStep[] = [];
  const add = (system: string, start: FolderStep) => {
    const zeroShot = zeroShotCells(setting, system, start);
    const tuned = finetunedCells(setting, system, start);
    cells.push(...zeroShot, ...tuned.cells, ...(system === fused ? fusedCells(setting, system, tuned.runs) : []));
    curves.push(...tuned.curves);
  };
  if (startAs !== undefined) add(startAs, startModel(setting));
  for (const each of systems) {
    const model = pretrained(setting, each);
    curves.push({ system: each.system, stage: "pre-training", seed: setting.seed, step: model });
    add(each.system, model);
  }
  return { cells, curves };
}

export function zeroShotCells(setting: Setting, system: string, model: FolderStep): Cell[] {
  return setting.settings.zeroShot.flatMap(({ stage, encoding, tests }) =>
    tests.map((test) => denseCell(setting, { system, stage, model, encoding, test }).cell),
  );
}

/** A model that is measured. */
export interface Measured {
  system: string;
  stage: string;
  model: FolderStep;
  encoding: EncodingSettings;
  test: TestSet;
}

/** Exact search with a model, measured. */
export function denseCell(setting: Setting, measured: Measured): { cell: Cell; run: RunStep } {
  const { context, settings, seed } = setting;
  const { system, stage, model, encoding, test } = measured;
  const { collection, split, corpus = collection } = test;
  const { depth, measures } = settings;
  const label = `${nameOf(setting, system, stage)}, ${collection}`;
  const index = indexStep(`${nameOf(setting, system, stage)}, ${corpus}`, model, context.data(corpus), encoding);
  const run = searchStep(label, model, index, context.data(collection), { split, depth, encoding });
  const step = evaluateStep(label, run, context.data(collection), { split, measures });
  return { cell: { system, stage, collection, split, seed, step }, run };
}

/** A model after each of the fine-tunings. */
export function finetunedCells(setting: Setting, system: string, start: FolderStep) {
  const cells: Cell[] = [];
  const curves: CurveStep[] = [];
  const models = new Map<string, FolderStep>();
  let runs: { test: TestSet; run: RunStep; stage: string }[] = [];
  for (const stage of setting.settings.finetune.stages) {
    const model = finetuned(setting, { system, start, stage, models });
    models.set(stage.stage, model);
    curves.push({ system, stage: stage.stage, seed: setting.seed, step: model });
    const measured = stage.tests.map((test) => ({
      test,
      stage: stage.stage,
      ...denseCell(setting, { system, stage: stage.stage, model, encoding: {}, test }),
    }));
    cells.push(...measured.map(({ cell }) => cell));
    runs = measured;
  }
  return { cells, curves, runs };
}

/** A stage's model. Its encoding stands in its folder. */
export function finetuned(
  setting: Setting,
  given: { system: string; start: FolderStep; stage: FinetuneStage; models: ReadonlyMap<string, FolderStep> },
): TrainedStep {
  const { context, settings, seed } = setting;
  const { system, start, stage, models } = given;
  const { mineDepth, keep, stages: _, ...finetune } = settings.finetune;
  const modelOf = (name: string) => models.get(name) ?? unknownStage(name, stage.stage);
  const init = stage.from === "pre-trained" ? start : modelOf(stage.from.stage);
  const train = context.data(stage.train.collection);
  const { split } = stage.train;
  const { epochs, learningRate, maxTokens } = stage;
  const label = nameOf(setting, system, stage.stage);
  const shared = { ...finetune, label, split, epochs, learningRate, maxTokens, seed };
  if (stage.negatives === "bm25") return finetuneStep(init, train, "bm25", shared);
  const { minedBy } = stage.negatives;
  const miner = modelOf(minedBy);
  const by = nameOf(setting, system, minedBy);
  const index = indexStep(`${by}, ${stage.train.collection}`, miner, train, {});
  const mined = mineStep(`${by}, ${stage.train.collection}`, miner, index, train, {
    ...{ split, depth: mineDepth, keep, seed, encoding: {} },
  });
  return finetuneStep(init, train, mined, shared);
}

function unknownStage(name: string, by: string): never {
  throw new Error(`stage "${by}" needs stage "${name}", which is not before it`);
}

const bm25Run = ({ context, settings }: Omit<Setting, "seed">, { collection, split, corpus }: TestSet): RunStep => {
  if (corpus !== undefined && corpus !== collection)
    return bm25Step(`${collection}`, context.data(corpus), bm25Settings(settings, split), context.data(collection));
  return bm25Step(collection, context.data(collection), bm25Settings(settings, split));
};

const bm25Settings = ({ bm25: { k1, b }, depth, language }: RetrievalSettings, split: string) => ({
  ...{ k1, b, depth, language, split },
});

/** BM25 stands in the tables of all stages; no seed changes it. */
export function bm25Cells(context: PlanContext, settings: RetrievalSettings): Cell[] {
  return settings.bm25.tests.map((test) => {
    const { collection, split } = test;
    const run = bm25Run({ context, settings }, test);
    const step = evaluateStep(`BM25, ${collection}`, run, context.data(collection), {
      split,
      measures: settings.measures,
    });
    return { system: "BM25", stage: STAGE.any, collection, split, seed: NO_SEED, step };
  });
}

function fusedCells(
  setting: Setting,
  system: string,
  runs: readonly { test: TestSet; run: RunStep; stage: string }[],
): Cell[] {
  const { context, settings, seed } = setting;
  return runs.map(({ test, run, stage }) => {
    const { collection, split } = test;
    const name = `BM25 + ${system}`;
    const label = `${nameOf(setting, name, stage)}, ${collection}`;
    const fused = fuseStep(label, bm25Run(setting, test), run);
    const step = evaluateStep(label, fused, context.data(collection), { split, measures: settings.measures });
    return { system: name, stage, collection, split, seed, step };
  });
}

/** The model that a system has after a stage. */
export function modelAfter(setting: Setting, system: PretrainingSystem, stage: string): FolderStep {
  const start = pretrained(setting, system);
  const models = new Map<string, FolderStep>();
  for (const each of setting.settings.finetune.stages) {
    models.set(each.stage, finetuned(setting, { system: system.system, start, stage: each, models }));
    if (each.stage === stage) break;
  }
  return models.get(stage) ?? unknownStage(stage, system.system);
}
