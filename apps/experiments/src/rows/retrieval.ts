/** The retrieval tables: COSTA, CPDAE and their baselines, zero-shot and fine-tuned. */
import { defineExperiment, type Expectation, type Experiment } from "../experiment.ts";
import {
  COSTA_DOCUMENT_FIRST,
  COSTA_DOCUMENT_SECOND,
  COSTA_PASSAGE_BM25,
  COSTA_PASSAGE_MINED,
  CPDAE_TABLE,
} from "../published/retrieval.ts";
import { RETRIEVAL_SYSTEMS, SMALL_SYSTEMS, withoutFreshHead } from "../recipes/objectives.ts";
import { retrievalPlan } from "../recipes/retrieval.ts";
import { FULL, MINILM_SMALL, OWN_SMALL, STAGE } from "../recipes/settings.ts";

const REPRODUCES =
  "COSTA's main table (BM25 and static hard negatives), CPDAE's table; at another size, on other collections";

const PUBLISHED = [COSTA_PASSAGE_BM25, COSTA_PASSAGE_MINED, CPDAE_TABLE, COSTA_DOCUMENT_FIRST, COSTA_DOCUMENT_SECOND];

/** A claim that one system is better than another at a stage. */
const beats = (better: string, worse: string, stage: string, claim: string): Expectation => ({
  claim,
  better: { system: better, stage },
  worse: { system: worse, stage },
  measure: "nDCG@10",
});

/** What the two tables say, with `bert` in the place of BERT. */
const tableClaims = (bert: string): Expectation[] => [
  beats("COSTA", bert, STAGE.bm25, `COSTA is better than ${bert}, fine-tuned with BM25's negatives`),
  beats("COSTA", "SEED", STAGE.bm25, "COSTA is better than SEED, fine-tuned with BM25's negatives"),
  beats("COSTA", bert, STAGE.mined, `COSTA is better than ${bert}, fine-tuned with mined negatives`),
  beats("COSTA", "SEED", STAGE.mined, "COSTA is better than SEED, fine-tuned with mined negatives"),
  beats("COSTA", "ICT", STAGE.mined, "COSTA is better than ICT, fine-tuned with mined negatives"),
  beats("COSTA", "PROP", STAGE.mined, "COSTA is better than PROP, fine-tuned with mined negatives"),
  beats("SEED", bert, STAGE.mined, `SEED is better than ${bert}, fine-tuned with mined negatives`),
  beats("CPDAE", bert, STAGE.mined, `CPDAE is better than ${bert}, fine-tuned with mined negatives`),
  beats("CPDAE", "SimCSE", STAGE.mined, "CPDAE is better than contrastive learning (SimCSE)"),
  beats("CPDAE", "SEED", STAGE.mined, "CPDAE is better than an autoencoder with a weak decoder (SEED)"),
  beats("CPDAE_R", "SEED", STAGE.mined, "CPDAE_R is better than SEED"),
  beats("CPDAE", "CPDAE_R", STAGE.mined, "the contrast adds to the reconstruction (CPDAE against CPDAE_R)"),
  {
    claim: "mined negatives are better than BM25's (COSTA)",
    better: { system: "COSTA", stage: STAGE.mined },
    worse: { system: "COSTA", stage: STAGE.bm25 },
    measure: "nDCG@10",
  },
];

/** Not in the thesis, but what its methods are for: vectors that work before any label is seen. */
const zeroShotClaims = (start: string, stage: string): Expectation[] => [
  beats(
    "COSTA",
    start,
    stage,
    `before fine-tuning, COSTA is better than ${start} (ours: the thesis has no such table)`,
  ),
  beats("COSTA", "SimCSE", stage, "before fine-tuning, COSTA is better than SimCSE (ours)"),
  beats("COSTA", "ICT", stage, "before fine-tuning, COSTA is better than ICT (ours)"),
];

const BASELINES = [
  { system: "MLM", mark: "*" },
  { system: "SEED", mark: "†" },
];

export const retrievalOwn: Experiment = defineExperiment({
  name: "retrieval-own",
  title: "Retrieval from a small model of our own",
  reproduces: REPRODUCES,
  description:
    "A BERT of 4 layers and 256 units with a vocabulary of its own, pre-trained with MLM on a sample of the English Wikipedia, then further at equal " +
    "steps and rows with each objective; CLS vector and dot product as in the thesis. MLM stands for the thesis' BERT.",
  published: PUBLISHED,
  seeds: { small: [1] },
  minutes: 90,
  measures: OWN_SMALL.measures,
  baselines: BASELINES,
  expected: [...tableClaims("MLM"), ...zeroShotClaims("MLM", STAGE.zeroShotCls)],
  plan: (context) => retrievalPlan(context, OWN_SMALL, { systems: SMALL_SYSTEMS, bm25: true, fused: "COSTA" }),
});

export const retrievalMinilm: Experiment = defineExperiment({
  name: "retrieval-minilm",
  title: "Retrieval from MiniLM",
  reproduces: REPRODUCES,
  description:
    "all-MiniLM-L6-v2, a sentence encoder trained on a billion pairs, and the same pre-trained further for a few steps with each objective. It comes " +
    "without a masked-language-model head; where an objective allows it, that loss is left out (maskedWeight 0), for a fresh head's gradient takes all of " +
    "the clipped step. Mean pooling and cosine, as the checkpoint was trained.",
  published: PUBLISHED,
  seeds: { small: [1] },
  minutes: 80,
  measures: MINILM_SMALL.measures,
  baselines: [{ system: "MiniLM", mark: "*" }, ...BASELINES.slice(1)],
  expected: [...tableClaims("MiniLM"), ...zeroShotClaims("MiniLM", STAGE.zeroShot)],
  plan: (context) =>
    retrievalPlan(context, MINILM_SMALL, {
      systems: SMALL_SYSTEMS.map(withoutFreshHead),
      startAs: "MiniLM",
      bm25: true,
      fused: "MiniLM",
    }),
});

export const retrievalBert: Experiment = defineExperiment({
  name: "retrieval-bert",
  title: "Retrieval at the thesis' own scale",
  reproduces: "COSTA's main table and CPDAE's table, passages and documents",
  description:
    "BERT-base pre-trained further on Wikipedia with each objective, fine-tuned on MS MARCO as in G1: passages with BM25's and with mined negatives, then " +
    "documents in two iterations from the passage model. Needs the data in a file of paths, and a GPU.",
  published: PUBLISHED,
  seeds: { full: [1] },
  minutes: 0,
  measures: FULL.measures,
  baselines: [{ system: "BERT", mark: "*" }, ...BASELINES.slice(1)],
  expected: tableClaims("BERT"),
  plan: (context) =>
    retrievalPlan(context, FULL, {
      systems: RETRIEVAL_SYSTEMS.filter(({ system }) => system !== "MLM"),
      startAs: "BERT",
      bm25: true,
    }),
});
