/** How the loss falls with and without bypasses. */
import { pairedTTest } from "@propria/metrics";
import { defineExperiment, type Expectation, type Plan, type PlanContext } from "../experiment.ts";
import { type AdapterRate, type Method, MINILM_METHODS, MINILM_METHODS_RANKING } from "../recipes/adapter-settings.ts";
import { rankingOf, settingOf } from "../recipes/adapters.ts";
import { startModel } from "../recipes/pretraining.ts";
import { finetuned as finetunedRanker, PRETRAINING_SEED } from "../recipes/ranking.ts";
import type { RankingSettings, SplitSet } from "../recipes/ranking-settings.ts";
import { finetuned } from "../recipes/retrieval.ts";
import type { RetrievalSettings } from "../recipes/settings.ts";
import { lossChart } from "../report/charts.ts";
import { formatP, verdictOf } from "../report/expectations.ts";
import type { DrawFindings } from "../report/figure.ts";
import type { TrainedOutput, TrainedStep } from "../steps/training-curve.ts";

const ADAPTER = "Adapter";
const IAA = "IAA-L";

/** The thesis' IAA-L at 0.5 % trains an eighth more than its Adapter; with an inside rank of 10 both train the same. */
const COMPARED: readonly Method[] = [
  { system: ADAPTER, adapter: { name: "adapter@0.5%" } },
  { system: IAA, adapter: { name: "iaa-l", options: { rank: 10, asideRank: 12 } } },
];
const TASKS = ["re-ranking", "retrieval"] as const;
type Task = (typeof TASKS)[number];
const nameOf = (task: Task, system: string) => `${system}, ${task}`;

export const adapterLoss = defineExperiment({
  name: "adapter-loss",
  title: "How the loss falls with bypasses and without",
  reproduces: "Figure 5: IAA-L's loss is lower than Adapter's, and falls faster",
  description:
    "MiniLM fine-tuned as in pet-ranking and pet-retrieval by Adapter (r = 16) and IAA-L (r = 10, ar = 12), which train as many weights, at the same rate, with the same batches in the same order. Losses are means of few steps; " +
    "the test pairs them, and one step's loss depends on those before, so its p is too small.",
  published: [],
  seeds: { small: [1, 2, 3] },
  minutes: 55,
  measures: ["nDCG@10"],
  baselines: [],
  expected: TASKS.map(claim),
  draw,
  plan: (context) => lossPlan(context, { "re-ranking": MINILM_METHODS_RANKING, retrieval: MINILM_METHODS }),
});

/** Both methods' trainings for each task. */
export function lossPlan(
  context: PlanContext,
  settings: { "re-ranking": RankingSettings & AdapterRate; retrieval: RetrievalSettings & AdapterRate },
): Plan {
  const start = startModel({ context, settings: settings.retrieval, seed: PRETRAINING_SEED });
  const trained: { [task in Task]: (method: Method, seed: number) => TrainedStep } = {
    "re-ranking": (method, seed) => {
      const ranking = rankingOf(method, { context, settings: settings["re-ranking"] });
      const [set] = ranking.settings.sets as [SplitSet];
      return finetunedRanker(ranking, { system: method.system, model: start, set, seed });
    },
    retrieval: (method, seed) => {
      const setting = settingOf(method, { context, settings: settings.retrieval, seed });
      const [stage] = setting.settings.finetune.stages;
      return finetuned(setting, { system: method.system, start, stage: stage!, models: new Map() });
    },
  };
  const findings = context.seeds.flatMap((seed) =>
    TASKS.flatMap((task) =>
      COMPARED.map((method) => ({ name: nameOf(task, method.system), seed, step: trained[task](method, seed) })),
    ),
  );
  return { cells: [], findings };
}

const lossesOf = (value: unknown): number[] => (value as TrainedOutput).curve.loss!.map(([, loss]) => loss);

/** That IAA-L's loss is the lower one. */
function claim(task: Task): Expectation {
  return {
    claim: `${IAA}'s loss is lower than ${ADAPTER}'s, ${task}`,
    findings(found) {
      const [adapter, iaa] = [ADAPTER, IAA].map((system) => found[nameOf(task, system)]);
      if (adapter === undefined || iaa === undefined) return undefined;
      const { p, meanDifference } = pairedTTest(lossesOf(adapter), lossesOf(iaa));
      const [a, b] = [adapter, iaa].map((value) => mean(lossesOf(value)).toFixed(3));
      return { verdict: verdictOf(meanDifference, p), numbers: `${IAA} ${b}, ${ADAPTER} ${a}, p = ${formatP(p)}` };
    },
  };
}

function draw(...[findings]: Parameters<DrawFindings>): ReturnType<DrawFindings> {
  const seeds = [...new Set(findings.map(({ seed }) => seed))];
  const curveOf = (task: Task, system: string, seed: number) =>
    findings.find((each) => each.name === nameOf(task, system) && each.seed === seed)?.value as
      | TrainedOutput
      | undefined;
  const curves = (task: Task, seed: number) =>
    COMPARED.flatMap(({ system }) => {
      const found = curveOf(task, system, seed);
      return found ? [{ system, stage: task, seed, parts: found.curve }] : [];
    });
  return {
    charts: TASKS.flatMap((task) =>
      seeds.map((seed) => lossChart(`${task}, seed ${seed}: loss`, curves(task, seed), "loss")),
    ),
    tables: [
      {
        title: "Loss: the mean of all steps, and of their last tenth",
        columns: seeds.flatMap((seed) => [`seed ${seed}`, "last tenth"]),
        rows: TASKS.flatMap((task) =>
          COMPARED.map(({ system }) => ({
            name: nameOf(task, system),
            cells: seeds.flatMap((seed) => {
              const found = curveOf(task, system, seed);
              if (!found) return [{ text: "" }, { text: "" }];
              const losses = lossesOf(found);
              const last = losses.slice(-Math.ceil(losses.length / 10));
              return [losses, last].map((some) => ({ text: mean(some).toFixed(3) }));
            }),
          })),
        ),
      },
    ],
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
