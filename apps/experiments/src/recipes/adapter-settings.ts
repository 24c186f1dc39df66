/** What is fine-tuned in the third chapter, and the sizes of its experiments. */
import { thesisSettings } from "@propria/adapters";
import type { AdapterSettings } from "../steps/adapted.ts";
import { FULL_RANKING, folded, MINILM_RANKING, type RankingSettings } from "./ranking-settings.ts";
import {
  FULL,
  MARCO_DOCUMENT,
  MARCO_PASSAGE,
  MINILM_SMALL,
  type RetrievalSettings,
  STAGE,
  type TestSet,
  WIKIQA,
} from "./settings.ts";

/** A way of fine-tuning: of the whole model, or of an adapter. */
export interface Method {
  /** `Adapter 0.5 %`. */
  system: string;
  adapter?: AdapterSettings;
}

/** Beside the rate of full fine-tuning, which stands in the settings. */
export interface AdapterRate {
  /** The highest learning rate, of every adapter. A guess, which `adapter-learning-rates` measures. */
  adapterRate: number;
}

/** Re-ranking where first stages are given. */
export interface MarcoRanking extends AdapterRate {
  settings: RankingSettings;
  epochs: number;
  measures: readonly string[];
  sets: readonly {
    stage: string;
    corpus: string;
    tests: readonly TestSet[];
    depth: number;
    maxTokens: number;
  }[];
}

/** The method that all others are compared with. */
export const FULL_TUNING = "full fine-tuning";

const TITLES: Readonly<Record<string, string>> = {
  ...{ bitfit: "BitFit", prefix: "Prefix", adapter: "Adapter", lora: "LoRA", mam: "MAM" },
  ...{ "iaa-s": "IAA-S", "iaa-l": "IAA-L", "iaa-m": "IAA-M" },
};

/** The thesis' methods, by the shares that it prints. Ranks are its own: of a model that is not BERT-base the shares are others, alike for all. */
export const METHODS: readonly Method[] = [
  { system: FULL_TUNING },
  ...thesisSettings.map(({ name, adapter }) => ({
    system: `${TITLES[adapter]} ${name.slice(name.indexOf("@") + 1, -1)} %`,
    adapter: { name },
  })),
];

/** Those that train less than one per cent, and full fine-tuning. */
export const SMALL_METHODS = METHODS.filter(({ system }) => !/ (3\.6|6\.7) %$/.test(system));

/** MiniLM as a bi-encoder on wikiqa, once, with BM25's negatives; full fine-tuning is that of retrieval-minilm. */
export const MINILM_METHODS: RetrievalSettings & AdapterRate = {
  ...MINILM_SMALL,
  bm25: { ...MINILM_SMALL.bm25, tests: [WIKIQA] },
  zeroShot: MINILM_SMALL.zeroShot.map((each) => ({ ...each, stage: STAGE.any, tests: [WIKIQA] })),
  finetune: { ...MINILM_SMALL.finetune, stages: MINILM_SMALL.finetune.stages.slice(0, 1) },
  adapterRate: 1e-3, // a guess
};

/** MiniLM as a cross-encoder on wikiqa; full fine-tuning is that of ranking-minilm. */
export const MINILM_METHODS_RANKING: RankingSettings & AdapterRate = {
  ...MINILM_RANKING,
  adapterRate: 1e-3, // a guess
};

const CRANFIELD = folded(MINILM_RANKING, 20, 3);

/** On cranfield, where a fold has 135 queries to learn from: smaller batches, or there would be 17 updates. A guess. */
export const MINILM_METHODS_FOLDS: RankingSettings & AdapterRate = {
  ...CRANFIELD,
  sets: CRANFIELD.sets.filter(({ collection }) => collection === "cranfield"),
  crossEncoder: { ...CRANFIELD.crossEncoder, batch: 8 },
  adapterRate: 1e-3,
};

/** Updates are what matters to a rate, texts cost time: so few queries, often; pairs of 64 tokens; measured on dev. */
export const MINILM_RATES: RankingSettings & { queries: number } = {
  ...MINILM_RANKING,
  sets: [{ collection: "wikiqa", test: "dev", train: "train" }],
  depth: 10,
  crossEncoder: { ...MINILM_RANKING.crossEncoder, batch: 8, epochs: 4, queryTokens: 24, maxTokens: 64 },
  queries: 100,
};

/** The rates that methods are trained at: a factor of about five from one to the next, from too small for adapters to too large for the whole model. A guess. */
export const RATES = [2e-5, 1e-4, 5e-4, 2e-3, 1e-2];

const [PASSAGES] = FULL.finetune.stages;

/** The thesis' setting for retrieval: passages and documents, each once from BERT, with BM25's negatives. Lengths and rates are guesses. */
export const FULL_METHODS: RetrievalSettings & AdapterRate = {
  ...FULL,
  finetune: {
    ...FULL.finetune,
    stages: [
      { ...PASSAGES!, tests: MARCO_PASSAGE },
      {
        ...{ ...PASSAGES!, stage: STAGE.bm25Documents, maxTokens: 512 },
        train: { collection: "msmarco-document", split: "train" },
        tests: MARCO_DOCUMENT,
      },
    ],
  },
  adapterRate: 1e-4,
};

/** The thesis' setting for re-ranking: candidates are given, of passages the official 1,000, of documents the official 100. Guesses. */
export const FULL_METHODS_RANKING: MarcoRanking = {
  ...{ settings: FULL_RANKING, adapterRate: 1e-4, epochs: 1, measures: ["RR@10", "RR@100", "nDCG@10", "nDCG@100"] },
  sets: [
    { stage: "passages", corpus: "msmarco-passage", tests: MARCO_PASSAGE, depth: 1000, maxTokens: 256 },
    { stage: "documents", corpus: "msmarco-document", tests: MARCO_DOCUMENT, depth: 100, maxTokens: 512 },
  ],
};
