/** The ranking tables: PROP, B-PROP and their baselines, with and without fine-tuning. */
import { defineExperiment, type Expectation } from "../experiment.ts";
import { B_PROP_SMALL_TABLE, PROP_TABLE } from "../published/ranking.ts";
import { onDocuments, RANKING_SYSTEMS, withoutFreshHead } from "../recipes/objectives.ts";
import { rankingPlan } from "../recipes/ranking.ts";
import { FULL_RANKING, folded, MINILM_RANKING, OWN_RANKING } from "../recipes/ranking-settings.ts";
import { STAGE } from "../recipes/settings.ts";

const REPRODUCES = "PROP's Table 2 and B-PROP's Table 3; at another size, on other collections";

const MEASURE = "nDCG@20";

const at = (system: string, stage: string = STAGE.ranked) => ({ system, stage });

const beats = (better: string, worse: string, claim: string): Expectation => ({
  claim,
  better: at(better),
  worse: worse === "BM25" ? at(worse, STAGE.any) : at(worse),
  measure: MEASURE,
});

/** What the two tables say, with `bert` in the place of BERT. */
const rankingClaims = (bert: string): Expectation[] => [
  beats(bert, "BM25", `${bert} is better than BM25`),
  beats("DRMM", "BM25", "DRMM is better than BM25"),
  beats(bert, "DRMM", `${bert} is better than DRMM`),
  beats(bert, "Conv-KNRM", `${bert} is better than Conv-KNRM`),
  beats("PROP", "BM25", "PROP is better than BM25"),
  beats("PROP", bert, `PROP is better than ${bert}`),
  beats("PROP", "Transformer_ICT", "PROP is better than Transformer_ICT"),
  beats("PROP", "PROP_random", "word sets of the document's language model are better than random ones"),
  beats("B-PROP", bert, `B-PROP is better than ${bert}`),
  beats("B-PROP", "PROP", "B-PROP is better than PROP"),
];

/** What the curves say where they begin. */
const zeroShotClaims: readonly Expectation[] = [
  {
    claim: "PROP's head ranks before it has seen a query: better than a random order (ours)",
    better: at("PROP", STAGE.zeroShot),
    worse: at("random order", STAGE.zeroShot),
    measure: MEASURE,
  },
  {
    claim: "without fine-tuning, PROP is better than BM25 (in the paper on Gov2 alone)",
    better: at("PROP", STAGE.zeroShot),
    worse: at("BM25", STAGE.any),
    measure: MEASURE,
  },
  {
    claim: "without fine-tuning, B-PROP is better than PROP",
    better: at("B-PROP", STAGE.zeroShot),
    worse: at("PROP", STAGE.zeroShot),
    measure: MEASURE,
  },
];

const BASELINES = [
  { system: "BM25", mark: "*" },
  { system: "MLM", mark: "†" },
  { system: "Transformer_ICT", mark: "‡" },
  { system: "PROP", mark: "§" },
];

const MINILM_BASELINES = [{ system: "BM25", mark: "*" }, { system: "MiniLM", mark: "†" }, ...BASELINES.slice(2)];

const TABLES = [PROP_TABLE, B_PROP_SMALL_TABLE];

const OWN =
  "Cross-encoders from the BERT of 4 layers and 256 units of retrieval-own, pre-trained further at equal steps and rows with each objective (seed 1), then fine-tuned alike. " +
  "MLM stands for the thesis' BERT; PROP_random draws its sets uniformly; B-PROP attends to every 20th passage. QL and BM25 are first stages, whole; of BM25's the others re-rank ";
const MINILM =
  "Cross-encoders from all-MiniLM-L6-v2 and from the same, pre-trained further for a few steps with each objective (seed 1), then fine-tuned alike. It comes without a masked-language-model head, so that " +
  "where an objective allows it that loss is left out; and it has been trained on a billion pairs of questions and answers, so it knows more of relevance than the thesis' BERT. Of BM25's the models re-rank ";
const ON_WIKIQA = "the top 50. wikiqa: its training queries, its test queries.";
const onFolds = (depth: number, passes: number) =>
  `the top ${depth}. Five folds of each collection, drawn alike for all: three are learnt, one says when to stop (nDCG@20, at most ${passes} passes), one is tested.`;

const SYSTEMS_OF_MINILM = RANKING_SYSTEMS.map(withoutFreshHead);

export const rankingOwn = defineExperiment({
  name: "ranking-own",
  title: "Ranking with a small model of our own",
  reproduces: REPRODUCES,
  description: OWN + ON_WIKIQA,
  published: TABLES,
  seeds: { small: [1, 2, 3] },
  minutes: 90,
  measures: OWN_RANKING.measures,
  baselines: BASELINES,
  expected: [...rankingClaims("MLM"), ...zeroShotClaims],
  plan: (context) => rankingPlan({ context, settings: OWN_RANKING }, { systems: RANKING_SYSTEMS, interaction: true }),
});

export const rankingOwnFolds = defineExperiment({
  name: "ranking-own-folds",
  title: "Ranking with a small model of our own, by cross-validation",
  reproduces: REPRODUCES,
  description: OWN + onFolds(30, 3),
  published: TABLES,
  seeds: { small: [1] },
  minutes: 110,
  measures: OWN_RANKING.measures,
  baselines: BASELINES,
  expected: [...rankingClaims("MLM"), ...zeroShotClaims],
  plan: (context) =>
    rankingPlan({ context, settings: folded(OWN_RANKING, 30, 3) }, { systems: RANKING_SYSTEMS, interaction: true }),
});

export const rankingMinilm = defineExperiment({
  name: "ranking-minilm",
  title: "Ranking with MiniLM",
  reproduces: REPRODUCES,
  description: MINILM + ON_WIKIQA,
  published: TABLES,
  seeds: { small: [1] },
  minutes: 55,
  measures: MINILM_RANKING.measures,
  baselines: MINILM_BASELINES,
  expected: [...rankingClaims("MiniLM"), ...zeroShotClaims],
  plan: (context) =>
    rankingPlan(
      { context, settings: MINILM_RANKING },
      { systems: SYSTEMS_OF_MINILM, startAs: "MiniLM", interaction: true },
    ),
});

export const rankingMinilmFolds = defineExperiment({
  name: "ranking-minilm-folds",
  title: "Ranking with MiniLM, by cross-validation",
  reproduces: REPRODUCES,
  description: MINILM + onFolds(20, 2),
  published: TABLES,
  seeds: { small: [1] },
  minutes: 120,
  measures: MINILM_RANKING.measures,
  baselines: MINILM_BASELINES,
  expected: [...rankingClaims("MiniLM"), ...zeroShotClaims],
  plan: (context) =>
    rankingPlan(
      { context, settings: folded(MINILM_RANKING, 20, 2) },
      { systems: SYSTEMS_OF_MINILM, startAs: "MiniLM", interaction: true },
    ),
});

/** The thesis has MLM in BERT itself, and its comparison of samplings in a table of its own. */
const FULL_SYSTEMS = RANKING_SYSTEMS.filter(({ system }) => !["MLM", "PROP_random"].includes(system)).map(onDocuments);

export const rankingBert = defineExperiment({
  name: "ranking-bert",
  title: "Ranking at the thesis' own scale: five small collections",
  reproduces: "PROP's Table 2 and B-PROP's Table 3",
  description:
    "BERT-base pre-trained further on Wikipedia with each objective, fine-tuned by cross-validation on Robust04, ClueWeb09-B, Gov2, MQ2007 and MQ2008 over given folds and BM25's top 200. Needs the data in a file of paths, and a GPU.",
  published: TABLES,
  seeds: { full: [1] },
  minutes: 0,
  measures: FULL_RANKING.measures,
  baselines: MINILM_BASELINES.map(({ system, mark }) => ({ system: system === "MiniLM" ? "BERT" : system, mark })),
  expected: [...rankingClaims("BERT").filter(({ claim }) => !claim.startsWith("word sets")), ...zeroShotClaims],
  plan: (context) =>
    rankingPlan({ context, settings: FULL_RANKING }, { systems: FULL_SYSTEMS, startAs: "BERT", interaction: true }),
});
