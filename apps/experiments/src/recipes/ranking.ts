/** The steps of a ranking table: first stages, pre-training, re-ranking with and without fine-tuning, and the measures of each. */
import type { InteractionName } from "@propria/rankers";
import { type Cell, type CurveStep, NO_SEED, type Plan, type PlanContext } from "../experiment.ts";
import type { FolderStep } from "../graph/folder-step.ts";
import { bm25Step } from "../steps/bm25.ts";
import { crossValidateInteractionStep, crossValidateStep } from "../steps/cross-validate.ts";
import { evaluateStep } from "../steps/evaluate.ts";
import { finetuneCrossEncoderStep } from "../steps/finetune-cross-encoder.ts";
import { finetuneInteractionStep } from "../steps/finetune-interaction.ts";
import { givenRunStep } from "../steps/given-run.ts";
import { queryLikelihoodStep } from "../steps/query-likelihood.ts";
import { randomOrderStep } from "../steps/random-order.ts";
import { rerankStep } from "../steps/rerank.ts";
import type { RunStep } from "../steps/search.ts";
import type { TrainedStep } from "../steps/training-curve.ts";
import { type PretrainingSystem, ranks } from "./objectives.ts";
import { nameOf, pretrained, startModel } from "./pretraining.ts";
import {
  type FoldedSet,
  INTERACTION_SYSTEMS,
  type RankedSet,
  type RankingSettings,
  type SplitSet,
} from "./ranking-settings.ts";
import { STAGE } from "./settings.ts";

/** Where steps come from. */
export interface Ranking {
  context: PlanContext;
  settings: RankingSettings;
}

/** Which of a ranking experiment's systems a row has. */
export interface RankingPlan {
  systems: readonly PretrainingSystem[];
  /** Also the model that further pre-training starts from, under this name. */
  startAs?: string;
  /** DRMM and Conv-KNRM too. */
  interaction?: boolean;
}

/** Pre-training is done once; a row's seeds draw what fine-tuning draws: its pairs, their order and a fresh head. */
export const PRETRAINING_SEED = 1;

const RANDOM = "random order";
const LANGUAGE = "english";
const FIRST_STAGE_DEPTH = 1000;

/** The cells of a ranking table. The same settings give the same steps, so that two rows share what they have in common. */
export function rankingPlan(ranking: Ranking, { systems, startAs, interaction }: RankingPlan): Plan {
  const { seeds } = ranking.context;
  const tunings: Tuning[] = [];
  const add = (system: string, ranker: Ranker) => {
    for (const seed of seeds)
      for (const set of ranking.settings.sets) tunings.push(tuning(ranking, { system, ranker, set, seed }));
  };
  for (const [name, kind] of interaction ? Object.entries(INTERACTION_SYSTEMS) : []) add(name, { interaction: kind });
  if (startAs !== undefined) add(startAs, { model: startModel({ ...ranking, seed: PRETRAINING_SEED }) });
  const models = systems.map((each) => ({ ...each, model: pretrainedRanker(ranking, each) }));
  for (const { system, model } of models) add(system, { model });
  return {
    cells: [
      ...firstStageCells(ranking),
      ...randomCells(ranking),
      ...models.filter(ranks).flatMap(({ system, model }) => zeroShotCells(ranking, system, model)),
      ...tunings.map(({ cell }) => cell),
    ],
    curves: [
      ...models.map(({ system, model }) => ({ system, stage: STAGE.preTraining, seed: seeds[0]!, step: model })),
      ...tunings.flatMap(({ curve }) => curve ?? []),
    ],
  };
}

/** What is fine-tuned: a pre-trained model, or a kind of those from before BERT, from nothing. */
type Ranker = { model: FolderStep } | { interaction: InteractionName };

/** A fine-tuned system on a collection, and how its loss fell where it was trained once. */
export interface Tuning {
  cell: Cell;
  curve?: CurveStep;
}

export function tuning(
  ranking: Ranking,
  { system, ranker, set, seed }: { system: string; ranker: Ranker; set: RankedSet; seed: number },
): Tuning {
  const stage = STAGE.ranked;
  if ("folds" in set) return { cell: foldedCell(ranking, { system, ranker, set, seed }) };
  const model =
    "model" in ranker
      ? finetuned(ranking, { system, model: ranker.model, set, seed })
      : interactionModel(ranking, system, set, seed);
  return {
    cell: rerankedCell(ranking, { system, stage, seed, model, set }),
    curve: { system, stage, seed, step: model },
  };
}

/** Each query of a collection, ranked by the model of its fold. */
function foldedCell(
  ranking: Ranking,
  { system, ranker, set, seed }: { system: string; ranker: Ranker; set: FoldedSet; seed: number },
): Cell {
  const { context, settings } = ranking;
  const { collection, test: split, folds, rankings } = set;
  const label = `${labelOf(ranking, system, STAGE.ranked)}, ${collection}`;
  const lists = rankings === undefined ? undefined : context.data(rankings);
  const first = candidates(ranking, set, split);
  const folding = { ...settings.folding, ...{ label, split, folds, depth: settings.depth, seed } };
  const data = context.data(collection);
  const run =
    "model" in ranker
      ? crossValidateStep(
          ranker.model,
          { collection: data, candidates: first, lists },
          { ...settings.crossEncoder, ...folding },
        )
      : crossValidateInteractionStep(
          { collection: data, candidates: first, lists },
          {
            ...{ ...settings.interaction, ...folding, epochs: settings.interaction.epochs },
            model: ranker.interaction,
          },
        );
  const step = measured(ranking, `${label}, seed ${seed}`, run, set);
  return { system, stage: STAGE.ranked, collection, split, seed, step };
}

/** A system's model before it has seen a query. */
export const pretrainedRanker = (ranking: Ranking, system: PretrainingSystem): TrainedStep =>
  pretrained({ ...ranking, seed: PRETRAINING_SEED }, system);

/** What a ranker learns with; `queries` of the training queries, or all. */
export function finetuned(
  ranking: Ranking,
  given: { system: string; model: FolderStep; set: SplitSet; seed: number; queries?: number; epochs?: number },
): TrainedStep {
  const { context, settings } = ranking;
  const { system, model, set, seed, queries, epochs } = given;
  return finetuneCrossEncoderStep(model, context.data(set.collection), candidates(ranking, set, set.train), {
    ...settings.crossEncoder,
    label: `${labelOf(ranking, system, STAGE.ranked)}, ${set.collection}${queries === undefined ? "" : `, ${queries} queries`}`,
    ...{ split: set.train, seed },
    ...(queries !== undefined && { queries }),
    ...(epochs !== undefined && { epochs }),
  });
}

const interactionModel = (ranking: Ranking, system: string, set: SplitSet, seed: number): TrainedStep =>
  finetuneInteractionStep(ranking.context.data(set.collection), candidates(ranking, set, set.train), {
    ...ranking.settings.interaction,
    ...{ label: `${system}, ${set.collection}`, model: INTERACTION_SYSTEMS[system]!, split: set.train, seed },
  });

/** BM25's answer to a split's queries: what is re-ranked, and where negatives come from. */
export function candidates(ranking: Ranking, set: RankedSet, split: string): RunStep {
  const { context, settings } = ranking;
  const { collection } = set;
  const given = givenRun(ranking, set, "bm25");
  if (given) return given;
  const label = split === "test" ? collection : `${collection}, ${split}`;
  return bm25Step(label, context.data(collection), {
    ...settings.bm25,
    ...{ depth: FIRST_STAGE_DEPTH, language: LANGUAGE, split },
  });
}

/** A first stage of those who hold the collection: ours keeps its index in memory. */
function givenRun({ context }: Ranking, set: RankedSet, run: string): RunStep | undefined {
  if (!("rankings" in set) || set.rankings === undefined) return undefined;
  return givenRunStep(context.data(set.rankings), context.data(set.collection), { run, split: set.test });
}

/** What a first stage gives, whole; no seed changes it. */
export function firstStageCells(ranking: Ranking): Cell[] {
  const { context, settings } = ranking;
  return settings.sets.flatMap((set) => {
    const { collection, test: split } = set;
    const { mu } = settings;
    const likelihood = { depth: FIRST_STAGE_DEPTH, language: LANGUAGE, split, mu } as const;
    const runs: [system: string, run: RunStep][] = [
      ["QL", givenRun(ranking, set, "ql") ?? queryLikelihoodStep(collection, context.data(collection), likelihood)],
      ["BM25", candidates(ranking, set, split)],
    ];
    return runs.map(([system, run]) => ({
      ...{ system, stage: STAGE.any, collection, split, seed: NO_SEED },
      step: measured(ranking, `${system}, ${collection}`, run, set),
    }));
  });
}

const randomCells = (ranking: Ranking): Cell[] =>
  ranking.context.seeds.flatMap((seed) => ranking.settings.sets.map((set) => randomOrderCell(ranking, set, seed)));

/** The candidates in an order that is drawn: a head that knows nothing. */
export function randomOrderCell(ranking: Ranking, set: RankedSet, seed: number): Cell {
  const { collection, test: split } = set;
  const drawn = { depth: ranking.settings.depth, seed };
  const run = randomOrderStep(collection, candidates(ranking, set, split), drawn);
  const step = measured(ranking, `${RANDOM}, ${collection}, seed ${seed}`, run, set);
  return { system: RANDOM, stage: STAGE.zeroShot, collection, split, seed, step };
}

/** A pre-trained head on the candidates, before any fine-tuning; no seed changes it. */
export const zeroShotCells = (ranking: Ranking, system: string, model: FolderStep): Cell[] =>
  ranking.settings.sets.map((set) =>
    rerankedCell(ranking, { system, stage: STAGE.zeroShot, seed: NO_SEED, model, set }),
  );

/** The candidates re-ranked, and measured. */
export function rerankedCell(
  ranking: Ranking,
  given: { system: string; stage: string; seed: number; model: FolderStep; set: RankedSet },
): Cell {
  const { context, settings } = ranking;
  const { system, stage, seed, model, set } = given;
  const { collection, test: split } = set;
  const label = `${labelOf(ranking, system, stage)}, ${collection}, seed ${seed}`;
  const first = candidates(ranking, set, split);
  const run = rerankStep(label, model, first, context.data(collection), { depth: settings.depth });
  return { system, stage, collection, split, seed, step: measured(ranking, label, run, set) };
}

const measured = ({ context, settings }: Ranking, label: string, run: RunStep, { collection, test }: RankedSet) =>
  evaluateStep(label, run, context.data(collection), { split: test, measures: settings.measures });

/** DRMM and Conv-KNRM come from no start. */
const labelOf = (ranking: Ranking, system: string, stage: string): string =>
  system in INTERACTION_SYSTEMS ? `${system}, ${stage}` : nameOf({ ...ranking, seed: PRETRAINING_SEED }, system, stage);
