/** Sizes of the pre-trainings and of the retrieval experiments. */
import type { ConfigName } from "@propria/transformer-core";
import type { AdapterSettings } from "../steps/adapted.ts";
import type { Language } from "../steps/lexical-search.ts";
import type { EncodingSettings } from "../steps/vectors.ts";

/** A number of updates that each read so many rows. */
export interface TrainingSize {
  steps: number;
  rows: number;
  maxTokens: number;
  learningRate: number;
  /** Rows that are computed at a time, where the loss is in stages; the loss is the same. */
  chunkRows?: number;
}

/** Where rankings are measured. */
export interface TestSet {
  collection: string;
  split: string;
  /** The collection whose documents are searched, where its queries come without any of their own. */
  corpus?: string;
}

/** A table of zero-shot search: how vectors are taken, and where from. */
export interface ZeroShot {
  stage: string;
  encoding: EncodingSettings;
  tests: readonly TestSet[];
}

/** One fine-tuning after another. */
export interface FinetuneStage {
  stage: string;
  /** What it starts from: the pre-trained model, or an earlier stage. */
  from: "pre-trained" | { stage: string };
  /** BM25's, or those that an earlier stage's model mined on this stage's training queries. */
  negatives: "bm25" | { minedBy: string };
  train: TestSet;
  epochs: number;
  learningRate: number;
  maxTokens: number;
  tests: readonly TestSet[];
}

/** What all systems of a table are pre-trained with. */
export interface PretrainingSettings {
  corpus: string;
  /** A model of our own, or one that is given. */
  start:
    | {
        config: ConfigName;
        vocabulary: { size: number; alphabetSize?: number };
        /** Word vectors that its embeddings start as. */
        pieceVectors: { window: number; epochs: number };
        /** Its masked language model; `dropout` stays with the model in what follows. */
        base: TrainingSize & { dropout?: number; maskRate?: number };
      }
    | { model: string; name: string };
  further: TrainingSize;
}

/** All that a retrieval experiment is told. */
export interface RetrievalSettings extends PretrainingSettings {
  language: Language;
  zeroShot: readonly ZeroShot[];
  finetune: {
    pooling: "cls" | "mean";
    similarity: "dot" | "cosine";
    temperature?: number;
    groupSize: number;
    batch: number;
    queryTokens: number;
    mineDepth: number;
    keep: number;
    /** What is trained while the model stays; default: all of the model. */
    adapter?: AdapterSettings;
    stages: readonly FinetuneStage[];
  };
  /** What BM25 is measured on. */
  bm25: { tests: readonly TestSet[]; k1: number; b: number };
  measures: readonly string[];
  depth: number;
}

/** Stages of the tables, by the names that expectations use. */
export const STAGE = {
  zeroShot: "without fine-tuning",
  zeroShotCls: "without fine-tuning, CLS vector",
  bm25: "BM25 negatives",
  bm25Documents: "BM25 negatives, documents",
  mined: "mined negatives",
  minedAgain: "mined negatives, second iteration",
  documents: "documents, first iteration",
  documentsAgain: "documents, second iteration",
  ranked: "fine-tuned",
  preTraining: "pre-training",
  /** Of what needs no training: it stands in each table. */
  any: "any",
} as const;

/** What a model is fine-tuned for. */
export const WIKIQA: TestSet = { collection: "wikiqa", split: "test" };
const ZERO_SHOT_SETS: readonly TestSet[] = ["cranfield", "cacm", "cisi", "npl", "xquad-en"].map((collection) => ({
  collection,
  split: "test",
}));
const ALL_SETS = [WIKIQA, ...ZERO_SHOT_SETS];
/** Its 11,429 documents are a third of the time that encoding takes. */
const ALL_BUT_NPL = ALL_SETS.filter(({ collection }) => collection !== "npl");

const SMALL = {
  language: "english",
  corpus: "text-en-wikipedia",
  measures: ["nDCG@10", "RR@10", "R@100"],
  depth: 1000,
  bm25: { tests: ALL_SETS, k1: 0.9, b: 0.4 },
} as const;

/** What the fine-tunings of a small experiment are told. Passages of wikiqa are short: `maxTokens` is for the collections that are searched. */
interface PassageStages {
  /** With BM25's negatives, and with mined ones. */
  epochs: readonly [number, number];
  learningRate: number;
  maxTokens: number;
  /** What the last model is tested on. */
  tests: readonly TestSet[];
}

/** BM25's negatives, then the model's own; the second starts from the pre-trained model again, as Tevatron's recipe does. */
const passageStages = ({ epochs, tests, ...shared }: PassageStages): FinetuneStage[] => {
  const both = { ...shared, from: "pre-trained", train: { collection: "wikiqa", split: "train" } } as const;
  return [
    { ...both, stage: STAGE.bm25, negatives: "bm25", epochs: epochs[0], tests: [WIKIQA] },
    { ...both, stage: STAGE.mined, negatives: { minedBy: STAGE.bm25 }, epochs: epochs[1], tests },
  ];
};

/**
 * The base of a small BERT from nothing. Learning rates are guesses; at 3e-3 it diverges.
 *
 * It must learn more than the words' frequencies, or what it does with a text is the same for every text. Its embeddings start as word vectors
 * (docs/log.md: without them, the loss stays where it is for thousands of steps); it has no dropout, which only slows it in less than
 * one pass, and twice BERT's masks (Wettig et al., "Should You Mask 15% in Masked Language Modeling?", EACL 2023).
 */
export const SMALL_BASE = {
  pieceVectors: { window: 8, epochs: 2 },
  base: { steps: 5_000, rows: 32, maxTokens: 64, learningRate: 1e-3, dropout: 0, maskRate: 0.3 },
} as const;

/** A small BERT from nothing: 4 layers of 256. */
export const OWN_SMALL: RetrievalSettings = {
  ...SMALL,
  start: { config: "mini", vocabulary: { size: 8_000 }, ...SMALL_BASE },
  further: { steps: 300, rows: 32, maxTokens: 128, learningRate: 5e-4 },
  zeroShot: [
    { stage: STAGE.zeroShot, encoding: { pooling: "mean", similarity: "cosine" }, tests: ALL_BUT_NPL },
    { stage: STAGE.zeroShotCls, encoding: { pooling: "cls", similarity: "cosine" }, tests: ALL_BUT_NPL },
  ],
  finetune: {
    ...{ pooling: "cls", similarity: "dot", groupSize: 4, batch: 16, queryTokens: 64, mineDepth: 200, keep: 30 },
    stages: passageStages({ epochs: [2, 2], learningRate: 1e-4, maxTokens: 128, tests: ALL_SETS }),
  },
};

/** From all-MiniLM-L6-v2, which has been trained on a billion pairs: mean pooling and cosine, as it was. */
export const MINILM_SMALL: RetrievalSettings = {
  ...SMALL,
  start: { model: "minilm", name: "MiniLM" },
  further: { steps: 80, rows: 32, maxTokens: 128, learningRate: 2e-5 },
  zeroShot: [{ stage: STAGE.zeroShot, encoding: { pooling: "mean", similarity: "cosine" }, tests: ALL_SETS }],
  finetune: {
    ...{ pooling: "mean", similarity: "cosine", groupSize: 4, batch: 16, queryTokens: 64, mineDepth: 200, keep: 30 },
    stages: passageStages({ epochs: [1, 1], learningRate: 2e-5, maxTokens: 256, tests: ALL_BUT_NPL }),
  },
};

/** Passages of MS MARCO, and the track that is searched in them. */
export const MARCO_PASSAGE: readonly TestSet[] = [
  { collection: "msmarco-passage", split: "dev" },
  { collection: "trec-dl-2019-passage", split: "test", corpus: "msmarco-passage" },
];
/** Likewise its documents. */
export const MARCO_DOCUMENT: readonly TestSet[] = [
  { collection: "msmarco-document", split: "dev" },
  { collection: "trec-dl-2019-document", split: "test", corpus: "msmarco-document" },
];

/** The thesis' setting, as far as it is known: steps, batch and rate of the pre-training are guesses. */
export const FULL: RetrievalSettings = {
  language: "english",
  corpus: "wikipedia-en",
  measures: ["nDCG@10", "RR@10", "RR@100", "R@100", "R@1000", "R(rel=2)@1000"],
  depth: 1000,
  bm25: { tests: [...MARCO_PASSAGE, ...MARCO_DOCUMENT], k1: 0.9, b: 0.4 },
  start: { model: "bert", name: "BERT" },
  further: { steps: 100_000, rows: 256, maxTokens: 512, learningRate: 1e-4, chunkRows: 64 },
  zeroShot: [],
  finetune: {
    ...{ pooling: "cls", similarity: "dot", groupSize: 8, batch: 32, queryTokens: 32, mineDepth: 200, keep: 30 },
    stages: [
      {
        ...{ stage: STAGE.bm25, from: "pre-trained", negatives: "bm25", epochs: 3, learningRate: 5e-6, maxTokens: 128 },
        train: { collection: "msmarco-passage", split: "train" },
        tests: MARCO_PASSAGE,
      },
      {
        ...{ stage: STAGE.mined, from: "pre-trained", negatives: { minedBy: STAGE.bm25 } },
        ...{ epochs: 2, learningRate: 5e-6, maxTokens: 128 },
        train: { collection: "msmarco-passage", split: "train" },
        tests: MARCO_PASSAGE,
      },
      {
        ...{ stage: STAGE.documents, from: { stage: STAGE.mined }, negatives: { minedBy: STAGE.mined } },
        ...{ epochs: 1, learningRate: 5e-6, maxTokens: 512 },
        train: { collection: "msmarco-document", split: "train" },
        tests: MARCO_DOCUMENT,
      },
      {
        ...{ stage: STAGE.documentsAgain, from: { stage: STAGE.documents }, negatives: { minedBy: STAGE.documents } },
        ...{ epochs: 1, learningRate: 5e-6, maxTokens: 512 },
        train: { collection: "msmarco-document", split: "train" },
        tests: MARCO_DOCUMENT,
      },
    ],
  },
};
