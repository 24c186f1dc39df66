/** B-PROP's Table 4: documents of MS MARCO and TREC DL 2019. */
import {
  type Cell,
  type CurveStep,
  defineExperiment,
  type Expectation,
  NO_SEED,
  type Plan,
  type PlanContext,
} from "../experiment.ts";
import type { FolderStep } from "../graph/folder-step.ts";
import { B_PROP_LARGE_TABLE } from "../published/ranking.ts";
import { onDocuments, RANKING_SYSTEMS } from "../recipes/objectives.ts";
import { startModel } from "../recipes/pretraining.ts";
import { PRETRAINING_SEED, pretrainedRanker } from "../recipes/ranking.ts";
import { givenRun, rerankedCells, type TrainedRanker } from "../recipes/ranking-marco.ts";
import { FULL_RANKING, INTERACTION_SYSTEMS } from "../recipes/ranking-settings.ts";
import { MARCO_DOCUMENT, STAGE } from "../recipes/settings.ts";
import { evaluateStep } from "../steps/evaluate.ts";
import { finetuneCrossEncoderStep } from "../steps/finetune-cross-encoder.ts";
import { finetuneInteractionStep } from "../steps/finetune-interaction.ts";

const MEASURES = ["RR@10", "RR@100", "nDCG@10", "nDCG@100"];
const CORPUS = "msmarco-document";
/** The official candidates; BM25's over documents that doc2query expanded. */
const STAGES = ["rerank", "fullrank"];
const DEPTH = 100;
const TRAINING = { ...FULL_RANKING.crossEncoder, epochs: 1, split: "train" };

const SYSTEMS = RANKING_SYSTEMS.filter(({ system }) => ["Transformer_ICT", "PROP", "B-PROP"].includes(system)).map(
  onDocuments,
);

export const rankingMarco = defineExperiment({
  name: "ranking-marco",
  title: "Ranking at the thesis' own scale: MS MARCO and TREC DL documents",
  reproduces: "B-PROP's Table 4",
  description:
    "BERT-base pre-trained further on Wikipedia with each objective, fine-tuned on MS MARCO's training queries with the official candidates as negatives; 100 documents are re-ranked: the official ones, and BM25's over " +
    "expanded documents. QL and BM25 stand in the second as they are given. Needs the data in a file of paths, and a GPU.",
  published: [B_PROP_LARGE_TABLE],
  seeds: { full: [1] },
  minutes: 0,
  measures: MEASURES,
  baselines: [
    { system: "BERT", mark: "†" },
    { system: "Transformer_ICT", mark: "‡" },
    { system: "PROP", mark: "§" },
  ],
  expected: STAGES.flatMap((stage) => [
    beats("BERT", "DRMM", stage),
    beats("BERT", "Conv-KNRM", stage),
    beats("PROP", "BERT", stage),
    beats("PROP", "Transformer_ICT", stage),
    beats("B-PROP", "PROP", stage),
  ]),
  plan,
});

function beats(better: string, worse: string, stage: string): Expectation {
  const claim = `${better} is better than ${worse}, ${stage}`;
  return { claim, better: { system: better, stage }, worse: { system: worse, stage }, measure: "nDCG@10" };
}

function plan(context: PlanContext): Plan {
  const data = context.data(CORPUS);
  const negatives = givenRun(context, CORPUS, "train", TRAINING.split);
  const ranking = { context, settings: FULL_RANKING };
  const start: { name: string; model: FolderStep } = {
    name: "BERT",
    model: startModel({ ...ranking, seed: PRETRAINING_SEED }),
  };
  const models = [start, ...SYSTEMS.map((each) => ({ name: each.system, model: pretrainedRanker(ranking, each) }))];
  const rankers = context.seeds.flatMap((seed): TrainedRanker[] => [
    ...Object.entries(INTERACTION_SYSTEMS).map(([system, model]) => {
      const settings = {
        ...FULL_RANKING.interaction,
        label: `${system}, ${CORPUS}`,
        model,
        split: TRAINING.split,
        seed,
      };
      return { system, seed, model: finetuneInteractionStep(data, negatives, settings) };
    }),
    ...models.map(({ name: system, model }) => {
      const settings = { ...TRAINING, label: `${system}, ${CORPUS}`, seed };
      return { system, seed, model: finetuneCrossEncoderStep(model, data, negatives, settings) };
    }),
  ]);
  const cells = MARCO_DOCUMENT.flatMap((test): Cell[] => {
    const { collection, split } = test;
    const first = ["ql", "bm25"].map((name): Cell => {
      const system = name.toUpperCase();
      const run = givenRun(context, collection, name, split);
      const step = evaluateStep(`${system}, ${collection}`, run, context.data(collection), {
        split,
        measures: MEASURES,
      });
      return { system, stage: "fullrank", collection, split, seed: NO_SEED, step };
    });
    const reranked = STAGES.flatMap((stage) =>
      rerankedCells(context, { test, run: stage, stage, depth: DEPTH, measures: MEASURES }, rankers),
    );
    return [...first, ...reranked];
  });
  const curves = rankers.map(
    ({ system, seed, model }): CurveStep => ({ system, stage: STAGE.ranked, seed, step: model }),
  );
  return { cells, curves };
}
