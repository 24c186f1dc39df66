/** How much a method depends on its learning rate. */
import { type Cell, defineExperiment, type Expectation, type Plan } from "../experiment.ts";
import { FULL_TUNING, METHODS, type Method, MINILM_RATES, RATES } from "../recipes/adapter-settings.ts";
import { rankingOf } from "../recipes/adapters.ts";
import { startModel } from "../recipes/pretraining.ts";
import { finetuned, firstStageCells, PRETRAINING_SEED, type Ranking, rerankedCell } from "../recipes/ranking.ts";
import type { SplitSet } from "../recipes/ranking-settings.ts";
import { measured } from "../report/comparison.ts";
import type { DrawFindings } from "../report/figure.ts";
import type { CellResult } from "../results/result.ts";

const MEASURE = "nDCG@10";
const COLLECTION = "wikiqa";
const ADAPTED = ["Prefix", "Adapter", "LoRA", "MAM", "IAA-L"].map((title) => `${title} 0.5 %`);
const COMPARED = METHODS.filter(({ system }) => [FULL_TUNING, ...ADAPTED].includes(system));
const stageOf = (rate: number) => rate.toExponential();
const STAGES = RATES.map(stageOf);

const better = (
  claim: string,
  a: [system: string, stage: string],
  b: [system: string, stage: string],
): Expectation => ({
  claim,
  better: { system: a[0], stage: a[1] },
  worse: { system: b[0], stage: b[1] },
  measure: MEASURE,
});

export const adapterLearningRates = defineExperiment({
  name: "adapter-learning-rates",
  title: "How much a method depends on its learning rate",
  reproduces:
    "the slides' figure of sensitivity to the learning rate (methods below one per cent are sensitive, and their training is unstable)",
  description:
    "MiniLM as a cross-encoder, fine-tuned whole and by five methods at five rates on a hundred of wikiqa's training queries (four passes, pairs of 64 tokens), for three seeds, which draw queries, head and adapter. " +
    "Of BM25's answer to the dev queries the top 10 are re-ranked. Which rates the thesis tried is not known.",
  published: [],
  seeds: { small: [1, 2, 3] },
  minutes: 75,
  measures: [MEASURE],
  baselines: [{ system: "BM25", mark: "*" }],
  axis: { title: "learning rate", stages: STAGES },
  expected: [
    ...ADAPTED.map((system) =>
      better(
        `${system} depends on its rate: at ${STAGES[3]} it is better than at ${STAGES[1]}`,
        [system, STAGES[3]!],
        [system, STAGES[1]!],
      ),
    ),
    ...STAGES.map((stage) =>
      better(`IAA-L is better than Adapter at ${stage}`, ["IAA-L 0.5 %", stage], ["Adapter 0.5 %", stage]),
    ),
  ],
  plan: (context) => ratesPlan({ context, settings: MINILM_RATES }, COMPARED, RATES),
  draw: (_, result) => ({
    charts: [],
    tables: [
      {
        title: `How much the rate matters: ${MEASURE}`,
        columns: ["best rate", "there", "at the worst", "deviation over the seeds, mean of the rates"],
        rows: COMPARED.map(({ system }) => ({ name: system, cells: spread(result, system).map((text) => ({ text })) })),
      },
    ],
  }),
});

/** Each method at each rate. */
export function ratesPlan(
  ranking: Ranking & { settings: { queries: number } },
  methods: readonly Method[],
  rates: readonly number[],
): Plan {
  const { context, settings } = ranking;
  const { queries } = settings;
  const [set] = settings.sets as [SplitSet];
  const model = startModel({ ...ranking, seed: PRETRAINING_SEED });
  const cells = methods.flatMap((method) =>
    rates.flatMap((rate) => {
      const crossEncoder = { ...settings.crossEncoder, learningRate: rate };
      const here = rankingOf(method, { context, settings: { ...settings, crossEncoder, adapterRate: rate } });
      const system = `${method.system}, ${stageOf(rate)}`;
      return context.seeds.map((seed): Cell => {
        const tuned = finetuned(here, { system, model, set, seed, queries });
        const cell = rerankedCell(here, { system, stage: stageOf(rate), seed, model: tuned, set });
        return { ...cell, system: method.system };
      });
    }),
  );
  return { cells: [...firstStageCells(ranking), ...cells] };
}

/** The best rate, the value there, that of the worst rate, and how far the seeds lie apart. */
function spread(result: Parameters<DrawFindings>[1], system: string): string[] {
  const found = STAGES.flatMap((stage) => {
    const value = measured(result, { system, stage }, { collection: COLLECTION, measure: MEASURE });
    const ofSeeds = result.cells.filter((cell) => cell.system === system && cell.stage === stage);
    return value ? [{ stage, mean: value.mean, deviation: deviation(ofSeeds, value.mean) }] : [];
  }).sort((a, b) => b.mean - a.mean);
  if (found.length === 0) return [];
  const mean = found.reduce((sum, each) => sum + each.deviation, 0) / found.length;
  return [found[0]!.stage, ...[found[0]!.mean, found.at(-1)!.mean, mean].map((value) => value.toFixed(3))];
}

/** Of a sample; 0 of one seed. */
const deviation = (cells: readonly CellResult[], mean: number): number =>
  Math.sqrt(
    cells.reduce((sum, { measures }) => sum + (measures[MEASURE]! - mean) ** 2, 0) / Math.max(1, cells.length - 1),
  );
