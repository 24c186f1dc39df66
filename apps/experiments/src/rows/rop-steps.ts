/** Quality against the steps of pre-training. */
import { type Cell, defineExperiment, type Plan } from "../experiment.ts";
import type { FolderStep } from "../graph/folder-step.ts";
import { type PretrainingSystem, propSystem } from "../recipes/objectives.ts";
import { startModel } from "../recipes/pretraining.ts";
import {
  finetuned,
  firstStageCells,
  PRETRAINING_SEED,
  pretrainedRanker,
  type Ranking,
  randomOrderCell,
  rerankedCell,
  zeroShotCells,
} from "../recipes/ranking.ts";
import { OWN_RANKING, type SplitSet } from "../recipes/ranking-settings.ts";
import { STAGE } from "../recipes/settings.ts";

const ZERO_SHOT = "PROP, without fine-tuning";
const TUNED = "PROP, fine-tuned";
const START = "no step";

/** The third is what the other rows have. */
const STEPS = [75, 150, OWN_RANKING.further.steps, 2 * OWN_RANKING.further.steps];
const stageOf = (steps: number) => `${steps} steps`;
const [FIRST, LAST] = [stageOf(STEPS[0]!), stageOf(STEPS.at(-1)!)];

const better = (system: string, from: string, claim: string) => ({
  claim,
  better: { system, stage: LAST },
  worse: { system, stage: from },
  measure: "nDCG@20",
});

export const ropSteps = defineExperiment({
  name: "rop-steps",
  title: "PROP: quality against the steps of pre-training",
  reproduces:
    "PROP's Figure 1b and B-PROP's figure of pre-training steps (100,000 to 400,000; Robust04 is best at 200,000, Gov2 at 300,000)",
  description:
    "The small model of ranking-own, pre-trained further with PROP for so many steps, each a training of its own whose rate rises and falls; on wikiqa. Before the first step there is no head, and a random order stands in its place.",
  published: [],
  seeds: { small: [1, 2] },
  minutes: 80,
  measures: OWN_RANKING.measures,
  baselines: [{ system: "BM25", mark: "*" }],
  axis: { title: "steps of pre-training", stages: [START, ...STEPS.map(stageOf)] },
  expected: [
    better(ZERO_SHOT, START, "without fine-tuning, pre-training is better than none"),
    better(ZERO_SHOT, FIRST, "without fine-tuning, more steps are better than few"),
    better(TUNED, START, "fine-tuned, pre-training is better than none"),
    better(TUNED, FIRST, "fine-tuned, more steps are better than few"),
  ],
  plan: (context) => ropStepsPlan({ context, settings: OWN_RANKING }, propSystem("PROP"), STEPS),
});

/** A system after so many steps of pre-training, before fine-tuning and after. */
export function ropStepsPlan(ranking: Ranking, system: PretrainingSystem, steps: readonly number[]): Plan {
  const { context, settings } = ranking;
  const { seeds } = context;
  const [set] = settings.sets as [SplitSet];
  const tunedCells = (label: string, stage: string, model: FolderStep): Cell[] =>
    seeds.map((seed) => {
      const tuned = finetuned(ranking, { system: label, model, set, seed });
      const cell = rerankedCell(ranking, { system: label, stage: STAGE.ranked, seed, model: tuned, set });
      return { ...cell, system: TUNED, stage };
    });
  const start = startModel({ ...ranking, seed: PRETRAINING_SEED });
  const before = seeds.map((seed) => ({ ...randomOrderCell(ranking, set, seed), system: ZERO_SHOT, stage: START }));
  const trained = steps.map((count) => {
    const further = { ...settings.further, steps: count };
    const label = `${system.system}, ${stageOf(count)}`;
    const model = pretrainedRanker({ context, settings: { ...settings, further } }, { ...system, system: label });
    return { label, stage: stageOf(count), model };
  });
  return {
    cells: [
      ...firstStageCells(ranking),
      ...before,
      ...tunedCells("no further step", START, start),
      ...trained.flatMap(({ label, stage, model }) => [
        ...zeroShotCells(ranking, label, model).map((cell) => ({ ...cell, system: ZERO_SHOT, stage })),
        ...tunedCells(label, stage, model),
      ]),
    ],
    curves: trained.map(({ label, model }) => {
      return { system: label, stage: STAGE.preTraining, seed: seeds[0]!, step: model };
    }),
  };
}
