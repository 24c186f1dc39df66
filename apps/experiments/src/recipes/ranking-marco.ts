/** Re-ranking on MS MARCO and TREC DL 2019, where first stages are given: of the training queries `train`, of those that are tested others. */
import type { Cell, PlanContext } from "../experiment.ts";
import { evaluateStep } from "../steps/evaluate.ts";
import { givenRunStep } from "../steps/given-run.ts";
import { rerankStep } from "../steps/rerank.ts";
import type { RunStep } from "../steps/search.ts";
import type { TrainedStep } from "../steps/training-curve.ts";
import type { TestSet } from "./settings.ts";

/** A ranker that has been trained. */
export interface TrainedRanker {
  system: string;
  seed: number;
  model: TrainedStep;
}

/** What is re-ranked, and where that stands in the tables. */
export interface GivenTest {
  test: TestSet;
  /** A run among the rankings of the test's collection. */
  run: string;
  stage: string;
  depth: number;
  measures: readonly string[];
}

/** A run that came with a collection. */
export const givenRun = (context: PlanContext, collection: string, run: string, split: string): RunStep =>
  givenRunStep(context.data(`${collection}-rankings`), context.data(collection), { run, split });

/** A given run in the order of each ranker, measured. */
export const rerankedCells = (context: PlanContext, given: GivenTest, rankers: readonly TrainedRanker[]): Cell[] =>
  rankers.map(({ system, seed, model }) => {
    const { test, run, stage, depth, measures } = given;
    const { collection, split, corpus = collection } = test;
    const label = `${system}, ${stage}, ${collection}, seed ${seed}`;
    const data = context.data(collection);
    const candidates = givenRun(context, collection, run, split);
    const reranked = rerankStep(label, model, candidates, data, { depth }, context.data(corpus));
    return { system, stage, collection, split, seed, step: evaluateStep(label, reranked, data, { split, measures }) };
  });
