/** Where a bi-encoder's negatives come from: BM25, the model itself, and the model that learnt from those. */
import { defineExperiment } from "../experiment.ts";
import { NEGATIVES_IN_COSTA_TABLE } from "../published/retrieval.ts";
import { retrievalPlan } from "../recipes/retrieval.ts";
import { MINILM_SMALL, type RetrievalSettings, STAGE } from "../recipes/settings.ts";

const { stages, ...finetune } = MINILM_SMALL.finetune;
const again = {
  ...stages.at(-1)!,
  stage: STAGE.minedAgain,
  negatives: { minedBy: STAGE.mined },
};
const WIKIQA_ONLY = [{ collection: "wikiqa", split: "test" }];

const SETTINGS: RetrievalSettings = {
  ...MINILM_SMALL,
  bm25: { ...MINILM_SMALL.bm25, tests: WIKIQA_ONLY },
  zeroShot: MINILM_SMALL.zeroShot.map((each) => ({ ...each, tests: WIKIQA_ONLY })),
  finetune: { ...finetune, stages: [...stages, again].map((stage) => ({ ...stage, tests: WIKIQA_ONLY })) },
};

export const negatives = defineExperiment({
  name: "negatives",
  title: "BM25 negatives, mined ones, and mined again",
  reproduces:
    "the two halves of COSTA's table: BM25 negatives above, static hard negatives below, and the second iteration of its document side",
  description:
    "MiniLM fine-tuned on wikiqa's training queries, each time from the checkpoint: with BM25's negatives, with those that this model mines, and with those that the second one mines.",
  published: [NEGATIVES_IN_COSTA_TABLE],
  seeds: { small: [1] },
  minutes: 8,
  measures: SETTINGS.measures,
  baselines: [],
  expected: [
    {
      claim: "mined negatives are better than BM25's",
      better: { system: "MiniLM", stage: STAGE.mined },
      worse: { system: "MiniLM", stage: STAGE.bm25 },
      measure: "nDCG@10",
    },
    {
      claim: "a second iteration is better than the first",
      better: { system: "MiniLM", stage: STAGE.minedAgain },
      worse: { system: "MiniLM", stage: STAGE.mined },
      measure: "nDCG@10",
    },
  ],
  plan: (context) => retrievalPlan(context, SETTINGS, { systems: [], startAs: "MiniLM", bm25: true }),
});
