/** Quality against the steps of pre-training. */
import { defineExperiment } from "../experiment.ts";
import { propSystem } from "../recipes/objectives.ts";
import { startModel } from "../recipes/pretraining.ts";
import {
  finetuned,
  firstStageCells,
  PRETRAINING_SEED,
  pretrainedRanker,
  randomOrderCell,
  rerankedCell,
  zeroShotCells,
} from "../recipes/ranking.ts";
import { OWN_RANKING, type RankingSettings, type SplitSet } from "../recipes/ranking-settings.ts";
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
  minutes: 35,
  measures: OWN_RANKING.measures,
  baselines: [{ system: "BM25", mark: "*" }],
  axis: { title: "steps of pre-training", stages: [START, ...STEPS.map(stageOf)] },
  expected: [
    better(ZERO_SHOT, START, "without fine-tuning, pre-training is better than none"),
    better(ZERO_SHOT, FIRST, "without fine-tuning, more steps are better than few"),
    better(TUNED, START, "fine-tuned, pre-training is better than none"),
    better(TUNED, FIRST, "fine-tuned, more steps are better than few"),
  ],
  plan(context) {
    const ranking = { context, settings: OWN_RANKING };
    const { seeds } = context;
    const [set] = OWN_RANKING.sets as [SplitSet];
    const started = startModel({ ...ranking, seed: PRETRAINING_SEED });
    const start = seeds.flatMap((seed) => [
      { ...randomOrderCell(ranking, set, seed), system: ZERO_SHOT, stage: START },
      tunedCell(ranking, { label: "no PROP", stage: START, model: started, seed }),
    ]);
    const trained = STEPS.map((steps) => {
      const settings: RankingSettings = { ...OWN_RANKING, further: { ...OWN_RANKING.further, steps } };
      const label = `PROP, ${stageOf(steps)}`;
      return { steps, label, model: pretrainedRanker({ context, settings }, propSystem(label)) };
    });
    return {
      cells: [
        ...firstStageCells(ranking),
        ...start,
        ...trained.flatMap(({ steps, label, model }) => [
          ...zeroShotCells(ranking, label, model).map((cell) => ({
            ...cell,
            system: ZERO_SHOT,
            stage: stageOf(steps),
          })),
          ...seeds.map((seed) => tunedCell(ranking, { label, stage: stageOf(steps), model, seed })),
        ]),
      ],
      curves: trained.map(({ label, model }) => ({
        system: label,
        stage: STAGE.preTraining,
        seed: seeds[0]!,
        step: model,
      })),
    };

    function tunedCell(
      where: typeof ranking,
      { label, stage, model, seed }: { label: string; stage: string; model: typeof started; seed: number },
    ) {
      const tuned = finetuned(where, { system: label, model, set, seed });
      return {
        ...rerankedCell(where, { system: label, stage: STAGE.ranked, seed, model: tuned, set }),
        system: TUNED,
        stage,
      };
    }
  },
});
