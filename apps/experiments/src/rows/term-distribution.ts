/** What word sets are drawn from: the figure of term distributions, with numbers. */
import { pairedTTest } from "@propria/metrics";
import { defineExperiment, type Expectation } from "../experiment.ts";
import { RANKING_SYSTEMS } from "../recipes/objectives.ts";
import { pretrainingCorpus, startModel } from "../recipes/pretraining.ts";
import { PRETRAINING_SEED } from "../recipes/ranking.ts";
import { MINILM_RANKING, OWN_RANKING } from "../recipes/ranking-settings.ts";
import { formatP, verdictOf } from "../report/expectations.ts";
import type { ChartSpec, DrawFindings } from "../report/figure.ts";
import {
  type Quantity,
  READINGS,
  type Reading,
  type TermDistributions,
  termDistributionStep,
} from "../steps/term-distribution.ts";

const MODELS = { MiniLM: MINILM_RANKING, "our own": OWN_RANKING } as const;

/** Ours, so that its words may be shown. */
const TEXT =
  "A lighthouse warns ships of rocks and shoals. Its lamp once burned whale oil, and a keeper trimmed the wick every few hours; Fresnel's lens of glass prisms, " +
  "which gathers the light of a small lamp into a beam that can be seen from the horizon, made the lighthouse of the nineteenth century far brighter. Most of the lamps are now " +
  "electric and automatic, and a keeper no longer lives in the tower. In fog, when the beam is of no use, a horn sounds. Ships find their way by satellite today, " +
  "but many of their captains still look for the light on the coast, and the towers are kept.";

export const termDistribution = defineExperiment({
  name: "term-distribution",
  title: "What represents a document: language model, attention, contrast",
  reproduces:
    "B-PROP's figure of term distributions: the language model's rare words, attention's stop words, the contrast's topical words",
  description:
    "Of 500 passages of Wikipedia and of a text of ours, the ten best words by P(w|θ_D) of PROP, by the attention of [CLS] in the last layer, and by γ of B-PROP; contrast and smoothing are with every 20th passage. " +
    "The language model leaves stop words out by a list. Rarity is the mean of −log₂ of the share of passages that have a word (of those that are no stop words).",
  published: [],
  seeds: { small: [PRETRAINING_SEED] },
  minutes: 50,
  measures: ["nDCG@20"],
  baselines: [],
  expected: Object.keys(MODELS).flatMap((model) => [
    claim(model, "attention has stop words among its best, the contrast fewer", "stopWords", "attention", "contrast"),
    claim(
      model,
      "the language model's best words are rarer than the contrast's",
      "rarity",
      "language model",
      "contrast",
    ),
    claim(
      model,
      "the contrast's best words are repeated in the passage more than the language model's",
      "repeated",
      "contrast",
      "language model",
    ),
  ]),
  plan: (context) => ({
    cells: [],
    findings: Object.entries(MODELS).map(([name, settings]) => {
      const setting = { context, settings, seed: PRETRAINING_SEED };
      const bProp = RANKING_SYSTEMS.find(({ objective }) => objective === "b-prop")!;
      const corpus = pretrainingCorpus(bProp, context.data(settings.corpus));
      const looked = { text: TEXT, top: 10, documents: 500 };
      return { name, seed: PRETRAINING_SEED, step: termDistributionStep(name, startModel(setting), corpus, looked) };
    }),
  }),
  draw,
});

/** That the first reading has more of something than the second. */
function claim(model: string, sentence: string, quantity: Quantity, more: Reading, less: Reading): Expectation {
  return {
    claim: `${model}: ${sentence}`,
    findings(found) {
      const distributions = found[model] as TermDistributions | undefined;
      if (!distributions) return undefined;
      const { perDocument, means } = distributions;
      const { p, meanDifference } = pairedTTest(perDocument[more][quantity], perDocument[less][quantity]);
      const numbers = `${more} ${means[more][quantity].toFixed(2)}, ${less} ${means[less][quantity].toFixed(2)}, p = ${formatP(p)}`;
      return { verdict: verdictOf(meanDifference, p), numbers };
    },
  };
}

function draw(...[findings]: Parameters<DrawFindings>): ReturnType<DrawFindings> {
  const models = findings.map(({ name, value }) => ({ name, value: value as TermDistributions }));
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return {
    charts: models.flatMap(({ name, value }) =>
      READINGS.map((reading) => bars(`${name}: ${reading}`, value.example[reading])),
    ),
    tables: [
      {
        title: "The ten best words of a passage, and how flat their distribution is",
        columns: ["entropy, of the highest", "stop words", "rarity, bits", "repeated"],
        rows: models.flatMap(({ name, value }) =>
          READINGS.map((reading) => {
            const { relativeEntropy, stopWords, rarity, repeated } = value.means[reading];
            const cells = [percent(relativeEntropy), percent(stopWords), rarity.toFixed(2), percent(repeated)];
            return { name: `${name}: ${reading}`, cells: cells.map((text) => ({ text })) };
          }),
        ),
      },
      {
        title: "The ten best words of our text",
        columns: ["words, the best first"],
        rows: models.flatMap(({ name, value }) =>
          READINGS.map((reading) => ({
            name: `${name}: ${reading}`,
            cells: [{ text: value.example[reading].map(([word]) => word).join(", ") }],
          })),
        ),
      },
    ],
  };
}

const bars = (title: string, words: readonly [word: string, share: number][]): ChartSpec => ({
  title: { text: title, anchor: "start" },
  width: 180,
  height: 200,
  data: { values: words.map(([word, share]) => ({ word, share })) },
  mark: "bar",
  encoding: {
    x: { field: "share", type: "quantitative", title: "share of the ten" },
    y: { field: "word", type: "nominal", title: null, sort: words.map(([word]) => word) },
  },
});
