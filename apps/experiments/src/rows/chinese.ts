/** The same in Chinese: COSTA against MLM, from nothing. */
import { defineExperiment } from "../experiment.ts";
import { COSTA_PASSAGE_BM25 } from "../published/retrieval.ts";
import { SMALL_SYSTEMS } from "../recipes/objectives.ts";
import { retrievalPlan } from "../recipes/retrieval.ts";
import { type RetrievalSettings, SMALL_BASE, STAGE } from "../recipes/settings.ts";

const TEST = [{ collection: "cmrc2018", split: "test" }];
const TRAIN = { collection: "cmrc2018", split: "dev" };

const SETTINGS: RetrievalSettings = {
  language: "chinese",
  corpus: "text-zh-wikipedia",
  measures: ["nDCG@10", "RR@10", "R@100"],
  depth: 1000,
  bm25: { tests: TEST, k1: 0.9, b: 0.4 },
  start: {
    config: "mini",
    vocabulary: { size: 10_000, alphabetSize: 8_000 },
    pieceVectors: SMALL_BASE.pieceVectors,
    base: { ...SMALL_BASE.base, steps: 3_000 },
  },
  further: { steps: 300, rows: 32, maxTokens: 128, learningRate: 5e-4 },
  zeroShot: [
    { stage: STAGE.zeroShot, encoding: { pooling: "mean", similarity: "cosine" }, tests: TEST },
    { stage: STAGE.zeroShotCls, encoding: { pooling: "cls", similarity: "cosine" }, tests: TEST },
  ],
  finetune: {
    ...{ pooling: "cls", similarity: "dot", groupSize: 4, batch: 16, queryTokens: 64, mineDepth: 200, keep: 30 },
    stages: [
      {
        ...{ stage: STAGE.bm25, from: "pre-trained", negatives: "bm25", epochs: 2, learningRate: 1e-4, maxTokens: 128 },
        ...{ train: TRAIN, tests: TEST },
      },
    ],
  },
};

export const chinese = defineExperiment({
  name: "chinese",
  title: "Chinese: with and without COSTA",
  reproduces:
    "nothing of the thesis, whose corpora are English; the claim that COSTA is better than BERT, in another language",
  description:
    "A vocabulary of 10,000 entries and a model of 4 layers and 256 units, pre-trained on a sample of the Chinese Wikipedia; paragraphs of CMRC 2018, " +
    "fine-tuned on its 1,000 dev questions. Many questions repeat their paragraph's words, so BM25 (single characters and pairs; there is no word list) is near the top.",
  published: [COSTA_PASSAGE_BM25],
  seeds: { small: [1] },
  minutes: 35,
  measures: SETTINGS.measures,
  baselines: [{ system: "MLM", mark: "*" }],
  expected: [
    {
      claim: "COSTA is better than MLM, fine-tuned",
      better: { system: "COSTA", stage: STAGE.bm25 },
      worse: { system: "MLM", stage: STAGE.bm25 },
      measure: "nDCG@10",
    },
    {
      claim: "before fine-tuning, COSTA is better than MLM (ours)",
      better: { system: "COSTA", stage: STAGE.zeroShotCls },
      worse: { system: "MLM", stage: STAGE.zeroShotCls },
      measure: "nDCG@10",
    },
  ],
  plan: (context) =>
    retrievalPlan(context, SETTINGS, {
      systems: SMALL_SYSTEMS.filter(({ system }) => system === "MLM" || system === "COSTA"),
      bm25: true,
    }),
});
