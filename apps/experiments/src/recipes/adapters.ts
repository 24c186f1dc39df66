/** The steps of the third chapter's tables: one model, fine-tuned by each method for retrieval and for re-ranking, on equal data in equal steps. */
import { type Cell, type CurveStep, type Finding, NO_SEED, type Plan, type PlanContext } from "../experiment.ts";
import type { FolderStep } from "../graph/folder-step.ts";
import { type AdapterSizes, adapterSizesStep } from "../steps/adapter-sizes.ts";
import { finetuneCrossEncoderStep } from "../steps/finetune-cross-encoder.ts";
import type { TrainedStep } from "../steps/training-curve.ts";
import type { AdapterRate, MarcoRanking, Method } from "./adapter-settings.ts";
import { startModel } from "./pretraining.ts";
import { firstStageCells, PRETRAINING_SEED, type Ranking, tuning } from "./ranking.ts";
import { givenRun, rerankedCells } from "./ranking-marco.ts";
import type { RankingSettings } from "./ranking-settings.ts";
import { bm25Cells, finetunedCells, type Setting, zeroShotCells } from "./retrieval.ts";
import { type RetrievalSettings, STAGE } from "./settings.ts";

/** The cells of a retrieval table: BM25, the model as it is, and fine-tuned by each method. */
export function retrievalByMethods(
  context: PlanContext,
  settings: RetrievalSettings & AdapterRate,
  methods: readonly Method[],
): Plan {
  const start = startModel({ context, settings, seed: PRETRAINING_SEED });
  const untuned = zeroShotCells({ context, settings, seed: NO_SEED }, STAGE.zeroShot, start);
  const tuned = context.seeds.flatMap((seed) =>
    methods.map((method) => finetunedCells(settingOf(method, { context, settings, seed }), method.system, start)),
  );
  return {
    cells: [...bm25Cells(context, settings), ...untuned, ...tuned.flatMap(({ cells }) => cells)],
    curves: tuned.flatMap(({ curves }) => curves),
    findings: [sizesOf(start, methods)],
  };
}

/** The settings as a method has them. */
export function settingOf({ adapter }: Method, { settings, ...setting }: Setting & { settings: AdapterRate }): Setting {
  if (!adapter) return { ...setting, settings };
  const stages = settings.finetune.stages.map((stage) => ({ ...stage, learningRate: settings.adapterRate }));
  return { ...setting, settings: { ...settings, finetune: { ...settings.finetune, adapter, stages } } };
}

/** The cells of a re-ranking table: first stages, and what each method makes of BM25's. */
export function rankingByMethods(
  context: PlanContext,
  settings: RankingSettings & AdapterRate,
  methods: readonly Method[],
): Plan {
  const model = startModel({ context, settings, seed: PRETRAINING_SEED });
  const tunings = context.seeds.flatMap((seed) =>
    methods.flatMap((method) =>
      settings.sets.map((set) =>
        tuning(rankingOf(method, { context, settings }), { system: method.system, ranker: { model }, set, seed }),
      ),
    ),
  );
  return {
    cells: [...firstStageCells({ context, settings }), ...tunings.map(({ cell }) => cell)],
    curves: tunings.flatMap(({ curve }) => curve ?? []),
    findings: [sizesOf(model, methods)],
  };
}

/** The settings as a method has them. */
export function rankingOf(
  { adapter }: Method,
  { context, settings }: { context: PlanContext; settings: RankingSettings & AdapterRate },
): Ranking {
  if (!adapter) return { context, settings };
  const crossEncoder = { ...settings.crossEncoder, adapter, learningRate: settings.adapterRate };
  return { context, settings: { ...settings, crossEncoder } };
}

/** The cells of a re-ranking table on MS MARCO and TREC DL 2019. */
export function marcoByMethods(
  context: PlanContext,
  { settings, adapterRate, epochs, measures, sets }: MarcoRanking,
  methods: readonly Method[],
): Plan {
  const start = startModel({ context, settings, seed: PRETRAINING_SEED });
  const cells: Cell[] = [];
  const curves: CurveStep[] = [];
  for (const { stage, corpus, tests, depth, maxTokens } of sets) {
    const split = "train";
    const negatives = givenRun(context, corpus, "train", split);
    const finetuned = ({ system, adapter }: Method, seed: number): TrainedStep =>
      finetuneCrossEncoderStep(start, context.data(corpus), negatives, {
        ...{ ...settings.crossEncoder, label: `${system}, ${corpus}`, split, epochs, maxTokens, seed },
        ...(adapter && { adapter, learningRate: adapterRate }),
      });
    const rankers = context.seeds.flatMap((seed) =>
      methods.map((method) => ({ system: method.system, seed, model: finetuned(method, seed) })),
    );
    for (const test of tests)
      cells.push(...rerankedCells(context, { test, run: "rerank", stage, depth, measures }, rankers));
    curves.push(...rankers.map(({ system, seed, model }) => ({ system, stage, seed, step: model })));
  }
  return { cells, curves, findings: [sizesOf(start, methods)] };
}

const SIZES = "sizes";

const sizesOf = (model: FolderStep, methods: readonly Method[]): Finding => ({
  name: SIZES,
  seed: NO_SEED,
  step: adapterSizesStep(
    model,
    Object.fromEntries(methods.flatMap(({ system, adapter }) => (adapter ? [[system, adapter]] : []))),
  ),
});

/** The sizes among a row's findings. */
export const sizesIn = (findings: readonly { name: string; value: unknown }[]): AdapterSizes =>
  (findings.find(({ name }) => name === SIZES)?.value ?? {}) as AdapterSizes;
