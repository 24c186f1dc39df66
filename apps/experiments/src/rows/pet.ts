/** The third chapter's tables: parameter-efficient fine-tuning against that of the whole model, and IAA. */
import { defineExperiment, type Expectation } from "../experiment.ts";
import { IAA_TABLE, PET_RANKING_TABLE, PET_TABLE } from "../published/adapters.ts";
import {
  FULL_METHODS,
  FULL_METHODS_RANKING,
  FULL_TUNING,
  METHODS,
  type Method,
  MINILM_METHODS,
  MINILM_METHODS_FOLDS,
  MINILM_METHODS_RANKING,
  SMALL_METHODS,
} from "../recipes/adapter-settings.ts";
import { marcoByMethods, rankingByMethods, retrievalByMethods, sizesIn } from "../recipes/adapters.ts";
import { STAGE } from "../recipes/settings.ts";
import type { DrawFindings } from "../report/figure.ts";

const pairs = (better: string, worse: readonly string[]) => worse.map((each) => [better, each] as const);
const at = (share: string, ...titles: string[]) => titles.map((title) => `${title} ${share}`);
const SMALL = "0.5 %";
const LARGE = "6.7 %";
const SCATTERED = at(SMALL, "Prefix", "Adapter", "LoRA", "MAM");

/** What the two tables say. The paper compares IAA with the best of the others; which that is, is not known before. */
const BETTER_AND_WORSE = [
  ...pairs(FULL_TUNING, ["BitFit 0.09 %", ...SCATTERED]),
  ...pairs(`IAA-L ${SMALL}`, [...SCATTERED, ...at(SMALL, "IAA-S", "IAA-M")]),
  ...pairs(`IAA-L ${LARGE}`, [FULL_TUNING, ...at(LARGE, "Adapter", "LoRA", "MAM", "IAA-S", "IAA-M")]),
];

function claims(methods: readonly Method[], measure: string, stages: readonly string[]): Expectation[] {
  const known = (name: string) => methods.some(({ system }) => system === name);
  return stages.flatMap((stage) =>
    BETTER_AND_WORSE.filter((pair) => pair.every(known)).map(([better, worse]) => ({
      claim: `${better} is better than ${worse}${stages.length > 1 ? `, ${stage}` : ""}`,
      better: { system: better, stage },
      worse: { system: worse, stage },
      measure,
    })),
  );
}

const BASELINES = [
  { system: FULL_TUNING, mark: "*" },
  { system: `Adapter ${SMALL}`, mark: "†" },
  { system: `Adapter ${LARGE}`, mark: "‡" },
];

const METHODS_OF_MINILM =
  "all-MiniLM-L6-v2 fine-tuned whole and by each method at the ranks of the thesis, which are other shares of MiniLM: about 0.65 and 8.1 % (all are in the table). " +
  "Equal data, batches and steps; full fine-tuning has the rate of the other chapters' rows, all adapters one that is a guess. ";

export const petRetrieval = defineExperiment({
  name: "pet-retrieval",
  title: "Parameter-efficient fine-tuning for retrieval",
  reproduces: "the table of parameter-efficient methods and Table 4 (IAA); from MiniLM, on another collection",
  description: `${METHODS_OF_MINILM}A bi-encoder, on wikiqa's training queries with BM25's negatives.`,
  published: [PET_TABLE, IAA_TABLE],
  seeds: { small: [1] },
  minutes: 40,
  measures: MINILM_METHODS.measures,
  baselines: BASELINES,
  expected: claims(METHODS, "nDCG@10", [STAGE.bm25]),
  draw,
  plan: (context) => retrievalByMethods(context, MINILM_METHODS, METHODS),
});

export const petRanking = defineExperiment({
  name: "pet-ranking",
  title: "Parameter-efficient fine-tuning for re-ranking",
  reproduces:
    "the paper's table of parameter-efficient methods for re-ranking, and IAA beside them; from MiniLM, on another collection",
  description: `${METHODS_OF_MINILM}A cross-encoder, on wikiqa's training queries; of BM25's answer the top 50 are re-ranked. Every method trains the head too.`,
  published: [PET_RANKING_TABLE],
  seeds: { small: [1] },
  minutes: 100,
  measures: MINILM_METHODS_RANKING.measures,
  baselines: BASELINES,
  expected: claims(METHODS, "nDCG@20", [STAGE.ranked]),
  draw,
  plan: (context) => rankingByMethods(context, MINILM_METHODS_RANKING, METHODS),
});

export const petRankingFolds = defineExperiment({
  name: "pet-ranking-folds",
  title: "Parameter-efficient fine-tuning for re-ranking, by cross-validation",
  reproduces: "the same on cranfield",
  description: `${METHODS_OF_MINILM}A cross-encoder, on five folds of cranfield: three are learnt, one says when to stop (nDCG@20, at most 3 passes), one is tested; the top 20 are re-ranked. Methods below one per cent.`,
  published: [PET_RANKING_TABLE],
  seeds: { small: [1] },
  minutes: 90,
  measures: MINILM_METHODS_FOLDS.measures,
  baselines: BASELINES.slice(0, 2),
  expected: claims(SMALL_METHODS, "nDCG@20", [STAGE.ranked]),
  draw,
  plan: (context) => rankingByMethods(context, MINILM_METHODS_FOLDS, SMALL_METHODS),
});

export const petRetrievalMarco = defineExperiment({
  name: "pet-retrieval-marco",
  title: "Parameter-efficient fine-tuning for retrieval at the thesis' own scale",
  reproduces: "the table of parameter-efficient methods and Table 4 (IAA)",
  description:
    "BERT-base fine-tuned whole and by each method on MS MARCO passages, and again from BERT on its documents, each once with BM25's negatives. Needs the data in a file of paths, and a GPU.",
  published: [PET_TABLE, IAA_TABLE],
  seeds: { full: [1] },
  minutes: 0,
  measures: FULL_METHODS.measures,
  baselines: BASELINES,
  expected: claims(METHODS, "nDCG@10", [STAGE.bm25, STAGE.bm25Documents]),
  draw,
  plan: (context) => retrievalByMethods(context, FULL_METHODS, METHODS),
});

export const petRankingMarco = defineExperiment({
  name: "pet-ranking-marco",
  title: "Parameter-efficient fine-tuning for re-ranking at the thesis' own scale",
  reproduces: "the paper's table of parameter-efficient methods for re-ranking, and IAA beside them",
  description:
    "BERT-base fine-tuned whole and by each method as a cross-encoder of MS MARCO passages, and of its documents, with negatives of given runs; the official candidates are re-ranked. Needs the data in a file of paths, and a GPU.",
  published: [PET_RANKING_TABLE],
  seeds: { full: [1] },
  minutes: 0,
  measures: FULL_METHODS_RANKING.measures,
  baselines: BASELINES,
  expected: claims(
    METHODS,
    "nDCG@10",
    FULL_METHODS_RANKING.sets.map(({ stage }) => stage),
  ),
  draw,
  plan: (context) => marcoByMethods(context, FULL_METHODS_RANKING, METHODS),
});

/** How much each method trains. */
function draw(...[findings]: Parameters<DrawFindings>): ReturnType<DrawFindings> {
  const rows = Object.entries(sizesIn(findings)).map(([name, { weights, biases, percent }]) => ({
    name,
    cells: [weights.toLocaleString("en"), biases.toLocaleString("en"), `${percent} %`].map((text) => ({ text })),
  }));
  return { charts: [], tables: [{ title: "What is trained", columns: ["weights", "biases", "of the model"], rows }] };
}
