/** How many training queries a ranker needs: the curves of PROP and B-PROP. */
import { type Cell, defineExperiment, type Plan } from "../experiment.ts";
import { ZERO_SHOT_TABLE } from "../published/ranking.ts";
import { type PretrainingSystem, RANKING_SYSTEMS, ranks } from "../recipes/objectives.ts";
import {
  finetuned,
  firstStageCells,
  pretrainedRanker,
  type Ranking,
  randomOrderCell,
  rerankedCell,
  zeroShotCells,
} from "../recipes/ranking.ts";
import { OWN_RANKING, type SplitSet } from "../recipes/ranking-settings.ts";

const COMPARED = ["MLM", "PROP", "B-PROP"];
const NONE = "no query";
const ALL = "all queries";

/** Of few queries there are more passes, or there would hardly be an update. */
const FEW = [
  { queries: 10, epochs: 20 },
  { queries: 20, epochs: 15 },
  { queries: 50, epochs: 10 },
  { queries: 100, epochs: 6 },
];
const stageOf = (queries: number) => `${queries} queries`;

export const rankingLowResource = defineExperiment({
  name: "ranking-low-resource",
  title: "Ranking with few training queries",
  reproduces: "PROP's and B-PROP's figures of low- and zero-resource ranking",
  description:
    "The small models of ranking-own on wikiqa, fine-tuned on so many of its training queries; a seed draws which, and fewer are among more. Without any, PROP's heads rank as they are; " +
    "MLM has no head then, and a random order stands in its place. Passes: 20 over 10 queries, 15 over 20, 10 over 50, 6 over 100, 3 over all (a guess: the papers do not say).",
  published: [ZERO_SHOT_TABLE],
  seeds: { small: [1, 2, 3] },
  minutes: 85,
  measures: OWN_RANKING.measures,
  baselines: [
    { system: "BM25", mark: "*" },
    { system: "MLM", mark: "†" },
    { system: "PROP", mark: "§" },
  ],
  axis: { title: "training queries", stages: [NONE, ...FEW.map(({ queries }) => stageOf(queries)), ALL] },
  expected: [
    claim("PROP is better than MLM without any query", "PROP", "MLM", NONE),
    claim("PROP is better than MLM with ten", "PROP", "MLM", stageOf(10)),
    claim("PROP is better than MLM with fifty", "PROP", "MLM", stageOf(50)),
    claim("B-PROP is better than PROP without any query", "B-PROP", "PROP", NONE),
    claim("B-PROP is better than PROP with fifty", "B-PROP", "PROP", stageOf(50)),
    {
      ...claim("PROP with fifty queries is better than MLM with all (the paper: as good)", "PROP", "MLM", NONE),
      better: { system: "PROP", stage: stageOf(50) },
      worse: { system: "MLM", stage: ALL },
    },
  ],
  plan: (context) =>
    lowResourcePlan(
      { context, settings: OWN_RANKING },
      RANKING_SYSTEMS.filter(({ system }) => COMPARED.includes(system)),
      FEW,
    ),
});

/** So many training queries, and passes over them. */
interface Few {
  queries: number;
  epochs: number;
}

/** Each system without a training query, with few, and with all. */
export function lowResourcePlan(ranking: Ranking, systems: readonly PretrainingSystem[], few: readonly Few[]): Plan {
  const { seeds } = ranking.context;
  const [set] = ranking.settings.sets as [SplitSet];
  const parts = [...few.map((some) => ({ ...some, stage: stageOf(some.queries) })), { stage: ALL }];
  const cells = systems.flatMap((each): Cell[] => {
    const { system } = each;
    const untuned = pretrainedRanker(ranking, each);
    const none = ranks(each)
      ? zeroShotCells(ranking, system, untuned)
      : seeds.map((seed) => randomOrderCell(ranking, set, seed));
    const tuned = seeds.flatMap((seed) =>
      parts.map(({ stage, ...some }) => {
        const model = finetuned(ranking, { system, model: untuned, set, seed, ...some });
        return rerankedCell(ranking, { system, stage, seed, model, set });
      }),
    );
    return [...none.map((cell) => ({ ...cell, system, stage: NONE })), ...tuned];
  });
  return { cells: [...firstStageCells(ranking), ...cells] };
}

function claim(sentence: string, better: string, worse: string, stage: string) {
  return {
    claim: sentence,
    better: { system: better, stage },
    worse: { system: worse, stage },
    measure: "nDCG@20",
  };
}
