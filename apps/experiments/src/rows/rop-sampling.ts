/** Where PROP's word sets come from, and what each of its losses is worth. */
import { defineExperiment, type Expectation } from "../experiment.ts";
import { OBJECTIVES_TABLE, SAMPLING_TABLE } from "../published/ranking.ts";
import { PROP_RANDOM, propSystem } from "../recipes/objectives.ts";
import { rankingPlan } from "../recipes/ranking.ts";
import { OWN_RANKING } from "../recipes/ranking-settings.ts";
import { STAGE } from "../recipes/settings.ts";
import { lossCharts } from "../report/charts.ts";

const SYSTEMS = [
  propSystem("PROP"),
  PROP_RANDOM,
  propSystem("PROP_random-document", { sampling: "uniformDocument" }),
  propSystem("PROP_random-label", { sampling: "randomLabel" }),
  propSystem("ROP alone", { maskedWeight: 0 }),
  propSystem("MLM alone", { rankingWeight: 0 }),
];

const RANDOM = [
  { system: "PROP_random", what: "words drawn alike from the document's and some of the corpus" },
  { system: "PROP_random-document", what: "words drawn alike from the document's" },
  { system: "PROP_random-label", what: "a label drawn by a coin" },
];

export const ropSampling = defineExperiment({
  name: "rop-sampling",
  title: "PROP: where word sets come from, and what each loss is worth",
  reproduces:
    "PROP's Table 5 and Figure 1 (the document's language model against random sampling), and its ablation of the losses",
  description:
    "The small model of ranking-own, pre-trained further with PROP, with each of three readings of random word sets (the paper does not describe it), with one of the two losses alone, on the same passages; " +
    "on wikiqa, before fine-tuning and after. The ROP losses of different samplings are losses of different tasks: a coin's cannot fall below 1.",
  published: [SAMPLING_TABLE, OBJECTIVES_TABLE],
  seeds: { small: [1, 2] },
  minutes: 90,
  measures: OWN_RANKING.measures,
  baselines: [
    { system: "PROP_random", mark: "†" },
    { system: "MLM alone", mark: "‡" },
  ],
  expected: [
    ...RANDOM.flatMap(({ system, what }) => [
      beats("PROP", system, STAGE.zeroShot, `without fine-tuning, PROP is better than with ${what}`),
      beats("PROP", system, STAGE.ranked, `PROP is better than with ${what}`),
    ]),
    beats("PROP", "MLM alone", STAGE.ranked, "both losses are better than the masked language model's alone"),
    beats("PROP", "ROP alone", STAGE.ranked, "both losses are better than ROP's alone"),
    beats("ROP alone", "MLM alone", STAGE.ranked, "ROP's loss alone is better than the masked language model's alone"),
  ],
  plan: (context) => rankingPlan({ context, settings: OWN_RANKING }, { systems: SYSTEMS }),
  draw: (_, result) => ({
    charts: lossCharts(result).filter(({ title }) => title.text === `${STAGE.preTraining}: rop`),
    tables: [],
  }),
});

function beats(better: string, worse: string, stage: string, sentence: string): Expectation {
  return { claim: sentence, better: { system: better, stage }, worse: { system: worse, stage }, measure: "nDCG@20" };
}
