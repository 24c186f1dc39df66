/** Sizes of the ranking experiments. */
import type { InteractionName } from "@propria/rankers";
import type { FoldingSettings } from "../steps/cross-validate.ts";
import type { CrossEncoderSettings } from "../steps/finetune-cross-encoder.ts";
import type { InteractionSettings } from "../steps/finetune-interaction.ts";
import { MINILM_SMALL, OWN_SMALL, type PretrainingSettings } from "./settings.ts";

/** Where rankers are trained and measured: on another split than they learn, or on the folds of one. */
export type RankedSet = SplitSet | FoldedSet;

export interface SplitSet {
  collection: string;
  /** The split that is tested. */
  test: string;
  /** The split that is learnt. */
  train: string;
}

export interface FoldedSet {
  collection: string;
  /** The split whose queries are cut into folds. */
  test: string;
  folds: number;
  /** A folder that holds first stages, `bm25.trec.gz` and `ql.trec.gz`, and who is in which fold, `folds.json`. Default: BM25 and QL of ours, folds that are drawn. */
  rankings?: string;
}

/** What a cross-encoder's fine-tuning is told, the same for every system. */
export type CrossEncoderSize = Omit<CrossEncoderSettings, "label" | "split" | "seed" | "queries">;

/** All that a ranking experiment is told. */
export interface RankingSettings extends PretrainingSettings {
  measures: readonly string[];
  /** First-stage documents of a query that are re-ranked. */
  depth: number;
  sets: readonly RankedSet[];
  crossEncoder: CrossEncoderSize;
  /** DRMM's and Conv-KNRM's. */
  interaction: Pick<InteractionSettings, "vectors" | "epochs">;
  bm25: { k1: number; b: number };
  /** μ of query likelihood, words. */
  mu: number;
  /** Of cross-validation: the most passes, and after how many without a better fold of validation it ends. */
  folding: Pick<FoldingSettings, "epochs" | "patience" | "measure">;
}

/** The rankers from before BERT, as the tables call them. */
export const INTERACTION_SYSTEMS: Readonly<Record<string, InteractionName>> = {
  DRMM: "drmm",
  "Conv-KNRM": "conv-knrm",
};

const WIKIQA_RANKED: RankedSet = { collection: "wikiqa", test: "test", train: "train" };

/** Abstracts with few queries, as the thesis' collections have few: five folds each. */
const FOLDED: readonly RankedSet[] = ["cranfield", "cacm", "cisi", "npl"].map((collection) => ({
  ...{ collection, test: "test", folds: 5 },
}));

const FOLDING = { epochs: 3, patience: 1, measure: "nDCG@20" };

const SMALL = {
  measures: ["nDCG@10", "nDCG@20", "P@20"],
  interaction: { vectors: { dimensions: 100 }, epochs: 10 },
  bm25: { k1: 0.9, b: 0.4 },
  mu: 1000,
  sets: [WIKIQA_RANKED],
  folding: FOLDING,
} as const;

/** The model of `OWN_SMALL`, with its base and its further pre-training: MLM and PROP are the same steps. */
export const OWN_RANKING: RankingSettings = {
  ...SMALL,
  corpus: OWN_SMALL.corpus,
  start: OWN_SMALL.start,
  further: OWN_SMALL.further,
  depth: 50,
  crossEncoder: { groupSize: 2, epochs: 3, batch: 16, learningRate: 1e-4, queryTokens: 32, maxTokens: 128 },
};

/** From all-MiniLM-L6-v2. The rate is five times that of retrieval: at 2e-5 its fresh ranking head learns nothing in so few steps. */
export const MINILM_RANKING: RankingSettings = {
  ...SMALL,
  corpus: MINILM_SMALL.corpus,
  start: MINILM_SMALL.start,
  further: { steps: 100, rows: 32, maxTokens: 128, learningRate: 1e-4 },
  depth: 50,
  crossEncoder: { groupSize: 2, epochs: 2, batch: 16, learningRate: 5e-5, queryTokens: 32, maxTokens: 128 },
};

/** The same on the collections without a split to learn from. Twenty models a system take their time, so fewer documents are re-ranked. */
export const folded = (settings: RankingSettings, depth: number, epochs: number): RankingSettings => ({
  ...settings,
  sets: FOLDED,
  depth,
  folding: { ...settings.folding, epochs },
});

const THESIS_SETS = ["robust04", "clueweb09-b", "gov2", "mq2007", "mq2008"];

/** The thesis' setting on its small collections, as far as it is known: sizes of pre-training and fine-tuning are guesses and recollections. */
export const FULL_RANKING: RankingSettings = {
  corpus: "wikipedia-en",
  start: { model: "bert", name: "BERT" },
  further: { steps: 250_000, rows: 128, maxTokens: 512, learningRate: 2e-5, chunkRows: 32 },
  measures: ["nDCG@20", "P@20", "nDCG@10", "P@10"],
  depth: 200,
  sets: THESIS_SETS.map((collection) => ({ collection, test: "test", folds: 5, rankings: `${collection}-rankings` })),
  crossEncoder: { groupSize: 2, epochs: 10, batch: 16, learningRate: 2e-5, queryTokens: 64, maxTokens: 512 },
  interaction: { vectors: { dimensions: 300 }, epochs: 10 },
  folding: { epochs: 10, patience: 2, measure: "nDCG@20" },
  bm25: { k1: 0.9, b: 0.4 },
  mu: 1000,
};
