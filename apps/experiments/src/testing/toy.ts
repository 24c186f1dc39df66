/** A corpus of twelve sentences and a row over it that takes seconds: what the tests run. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { SPECIAL_TOKENS, Tokenizer } from "@propria/tokenizer";
import { initialize, namedConfig, saveModel } from "@propria/transformer-core";
import { defineExperiment, type Experiment } from "../experiment.ts";
import type { PretrainingSystem } from "../recipes/objectives.ts";
import type { RankingSettings } from "../recipes/ranking-settings.ts";
import { retrievalPlan } from "../recipes/retrieval.ts";
import { type RetrievalSettings, STAGE, type TestSet } from "../recipes/settings.ts";

const DOCUMENTS = [
  "The river carries mud from the hills down to the wide sea.",
  "A bridge of stone crosses the river near the old mill.",
  "Bread is baked from flour, water, salt and a little yeast.",
  "The baker sells warm bread and cakes before the sun is up.",
  "An engine turns heat into motion and needs oil to run well.",
  "The train left the station late because its engine was cold.",
  "Bees visit flowers and bring nectar back to the hive.",
  "Honey is made by bees from nectar, and it keeps for years.",
  "The sailor read the stars to find a way across the sea.",
  "A telescope shows the moons of planets and many faint stars.",
  "Snow fell on the hills and closed the road over the pass.",
  "The road to the station runs beside the mill and the river.",
];

const QUERIES: readonly (readonly [
  id: string,
  text: string,
  relevant: readonly number[],
  others: readonly number[],
])[] = [
  ["q1", "what carries mud to the sea", [0], [8]],
  ["q2", "how is bread made", [2, 3], [7]],
  ["q3", "why was the train late", [5], [4]],
  ["q4", "what do bees make", [7, 6], [3]],
  ["q5", "finding a way by the stars", [8], [9]],
  ["q6", "which road is closed by snow", [10], [11]],
];

/** Writes the folder of data that an experiment over the toy reads. */
export function writeToyData(folder: string): void {
  const collection = join(folder, "toy");
  mkdirSync(join(collection, "qrels"), { recursive: true });
  mkdirSync(join(folder, "toy-text"), { recursive: true });
  const documents = DOCUMENTS.map((text, i) => `${JSON.stringify({ _id: `d${i}`, title: "", text })}\n`).join("");
  writeFileSync(join(collection, "corpus.jsonl"), documents);
  writeFileSync(join(folder, "toy-text", "part-00.jsonl"), DOCUMENTS.map(article).join(""));
  const queries = QUERIES.map(([_id, text]) => `${JSON.stringify({ _id, text })}\n`).join("");
  writeFileSync(join(collection, "queries.jsonl"), queries);
  for (const [split, part] of [["train", QUERIES.slice(0, 4)] as const, ["test", QUERIES.slice(2)] as const]) {
    const lines = part.flatMap(([id, , relevant, others]) => [
      ...relevant.map((document) => `${id}\td${document}\t1`),
      ...others.map((document) => `${id}\td${document}\t0`),
    ]);
    writeFileSync(join(collection, "qrels", `${split}.tsv`), `query-id\tcorpus-id\tscore\n${lines.join("\n")}\n`);
  }
}

/** Four sentences of the corpus, for objectives that part a text into sentences. */
const article = (_: string, i: number): string => {
  const sentences = [0, 1, 2, 3].map((k) => DOCUMENTS[(i + k) % DOCUMENTS.length]);
  return `${JSON.stringify({ _id: `a${i}`, title: "", text: sentences.join(" ") })}\n`;
};

/** A fresh model of 2 layers that knows the toy's words: a start that needs no pre-training. */
export async function writeToyModel(folder: string): Promise<void> {
  const texts = [...DOCUMENTS, ...QUERIES.map(([, text]) => text)].join(" ");
  const words = new Set(texts.toLowerCase().match(/\w+|[.,]/g));
  const vocabulary = [...SPECIAL_TOKENS, ...words];
  const config = namedConfig("tiny", { vocabSize: vocabulary.length });
  const tokenizer = Tokenizer.fromVocabulary(vocabulary);
  const parameters = initialize(config, {}, seeded(1, "toy"));
  await saveModel(folder, { config, parameters, tokenizer, provenance: {} });
}

const TEST: TestSet = { collection: "toy", split: "test" };
const TRAIN: TestSet = { collection: "toy", split: "train" };

/** All stages of a retrieval table with a model of 2 layers. */
export const TOY_SETTINGS: RetrievalSettings = {
  language: "english",
  corpus: "toy-text",
  measures: ["nDCG@10", "R@5"],
  depth: 10,
  bm25: { tests: [TEST], k1: 0.9, b: 0.4 },
  start: {
    config: "tiny",
    vocabulary: { size: 150 },
    pieceVectors: { window: 2, epochs: 1 },
    base: { steps: 3, rows: 4, maxTokens: 32, learningRate: 1e-3 },
  },
  further: { steps: 2, rows: 4, maxTokens: 32, learningRate: 1e-3 },
  zeroShot: [{ stage: STAGE.zeroShot, encoding: { pooling: "mean", similarity: "cosine" }, tests: [TEST] }],
  finetune: {
    ...{ pooling: "cls", similarity: "dot", groupSize: 2, batch: 2, queryTokens: 16, mineDepth: 6, keep: 4 },
    stages: [
      {
        ...{ stage: STAGE.bm25, from: "pre-trained", negatives: "bm25", train: TRAIN, tests: [TEST] },
        ...{ epochs: 1, learningRate: 1e-3, maxTokens: 32 },
      },
      {
        ...{ stage: STAGE.mined, from: "pre-trained", negatives: { minedBy: STAGE.bm25 }, train: TRAIN, tests: [TEST] },
        ...{ epochs: 1, learningRate: 1e-3, maxTokens: 32 },
      },
    ],
  },
};

/** All stages of a ranking table with the same model. */
export const TOY_RANKING: RankingSettings = {
  corpus: TOY_SETTINGS.corpus,
  start: TOY_SETTINGS.start,
  further: { ...TOY_SETTINGS.further, maxTokens: 128 }, // a block of several sentences, for Transformer_ICT
  measures: ["nDCG@10", "P@5"],
  depth: 6,
  sets: [{ collection: "toy", test: "test", train: "train" }],
  crossEncoder: { groupSize: 2, epochs: 1, batch: 2, learningRate: 1e-3, queryTokens: 16, maxTokens: 32 },
  interaction: { vectors: { dimensions: 8, minCount: 1 }, epochs: 1 },
  bm25: TOY_SETTINGS.bm25,
  mu: 10,
  folding: { epochs: 1, patience: 1, measure: "nDCG@10" },
};

/** In twelve sentences no word occurs 50 times, and every document is short. */
const FEW_WORDS: Readonly<Record<string, PretrainingSystem["options"]>> = {
  prop: { minCollectionFrequency: 1, shortDocumentSkip: 0 },
  "b-prop": { minWords: 2, shortDocumentSkip: 0 },
};

/** A system as the toy can have it. */
export const toySystem = ({ every: _, ...system }: PretrainingSystem): PretrainingSystem =>
  system.objective in FEW_WORDS
    ? { ...system, options: { ...system.options, ...FEW_WORDS[system.objective] } }
    : system;

/** A row over the toy. */
export const toyExperiment = (
  plan: Experiment["plan"] = retrievalToy(),
  { measures }: { measures: readonly string[] } = TOY_SETTINGS,
): Experiment =>
  defineExperiment({
    ...{ name: "toy", title: "A toy", reproduces: "nothing", description: "Twelve sentences.", published: [] },
    ...{ seeds: { small: [1] }, minutes: 1, measures, plan },
    baselines: [{ system: "MLM", mark: "*" }],
    expected: [
      {
        claim: "Condenser is better than MLM",
        better: { system: "Condenser", stage: STAGE.bm25 },
        worse: { system: "MLM", stage: STAGE.bm25 },
        measure: "nDCG@10",
      },
    ],
  });

/** The plan of a retrieval table of two systems. */
export const retrievalToy =
  (settings: RetrievalSettings = TOY_SETTINGS): Experiment["plan"] =>
  (context) =>
    retrievalPlan(context, settings, {
      systems: [
        { system: "MLM", objective: "mlm" },
        { system: "Condenser", objective: "condenser" },
      ],
      bm25: true,
      fused: "MLM",
    });
