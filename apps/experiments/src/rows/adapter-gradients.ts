/** What the theory of bypasses says of gradients, measured. */
import { pairedTTest } from "@propria/metrics";
import { defineExperiment, type Expectation, type Plan } from "../experiment.ts";
import { startModel } from "../recipes/pretraining.ts";
import { candidates, PRETRAINING_SEED, type Ranking } from "../recipes/ranking.ts";
import { MINILM_RANKING, type SplitSet } from "../recipes/ranking-settings.ts";
import { formatP, verdictOf } from "../report/expectations.ts";
import type { ChartSpec, DrawFindings } from "../report/figure.ts";
import type { Table } from "../report/tables.ts";
import {
  type AdapterGradients,
  adapterGradientsStep,
  type GradientSettings,
  type ModuleGradients,
} from "../steps/adapter-gradients.ts";

const ADAPTER = "Adapter";
/** Both starts are BERT's, N(0, 0.02²): with those of a training, bypasses of 0 would hide their way from each other. */
const INSIDE = { init: "bert" };
const BOTH = { ...INSIDE, asideInit: "bert" };
const SYSTEMS = {
  [ADAPTER]: { name: "adapter@0.5%", options: INSIDE },
  "IAA-S": { name: "iaa-s@0.5%", options: BOTH },
  "IAA-L": { name: "iaa-l@0.5%", options: BOTH },
  "IAA-M": { name: "iaa-m@0.5%", options: BOTH },
} as const;
type System = keyof typeof SYSTEMS;
const NAMES = Object.keys(SYSTEMS) as System[];

const WHOLE = 1;
const LEAST = 0.01;
const SHARES = [WHOLE, 0.1, LEAST];
const nameOf = (system: System, share: number) => `${system}, frozen × ${share}`;

const PAIRS: Omit<GradientSettings, "adapter" | "share" | "seed"> = {
  ...{ split: "train", batches: 12, batch: 8, queryTokens: 24, maxTokens: 64 },
};

export const adapterGradients = defineExperiment({
  name: "adapter-gradients",
  title: "Gradients by depth: scattered adapters and bypasses",
  reproduces:
    "the slides' theoretical analysis: a gradient reaches a scattered module through frozen parts, Δg = dL/dF · dF/dS · dS/dg, and beside them Δg ≈ dL/dg",
  description:
    "MiniLM as a cross-encoder with a fresh head, before the first step, without dropout: the L2 norm of the gradient at each module, over twelve batches of eight of wikiqa's training queries with a relevant document and one of BM25's that is not. " +
    "All modules start at N(0, 0.02²). Then the frozen weights of every layer but the first are multiplied by 0.1 and 0.01: what is left of the gradient in the first layer came around them.",
  published: [],
  seeds: { small: [1] },
  minutes: 6,
  measures: ["nDCG@20"],
  baselines: [],
  expected: [
    fading(ADAPTER, `${ADAPTER}'s gradient in the first layer goes with the frozen weights above it`),
    ...(["IAA-S", "IAA-L"] as const).flatMap((system) => [
      left(system, "inside", `more is left of ${system}'s gradient in the first layer than of ${ADAPTER}'s`),
      left(system, "aside", `more is left of that of ${system}'s bypasses of the first layer than of ${ADAPTER}'s`),
    ]),
    ...(["IAA-S", "IAA-L"] as const).map((system) =>
      even(
        system,
        `with the weights as they are, gradients are more even over the layers in ${system} than in ${ADAPTER}`,
      ),
    ),
  ],
  draw,
  plan: (context) => gradientsPlan({ context, settings: MINILM_RANKING }, PAIRS),
});

/** Each system at each share of the frozen weights. */
export function gradientsPlan(ranking: Ranking, pairs: typeof PAIRS): Plan {
  const { context, settings } = ranking;
  const [set] = settings.sets as [SplitSet];
  const model = startModel({ ...ranking, seed: PRETRAINING_SEED });
  const step = (system: System, share: number, seed: number) =>
    adapterGradientsStep(
      `${nameOf(system, share)}, seed ${seed}`,
      model,
      context.data(set.collection),
      candidates(ranking, set, pairs.split),
      { ...pairs, adapter: SYSTEMS[system], share, seed },
    );
  return {
    cells: [],
    findings: context.seeds.flatMap((seed) =>
      NAMES.flatMap((system) =>
        SHARES.map((share) => ({ name: nameOf(system, share), seed, step: step(system, share, seed) })),
      ),
    ),
  };
}

type Kind = ModuleGradients["kind"];
type Found = Readonly<Record<string, unknown>>;

const modulesOf = (found: Found, system: System, share: number): readonly ModuleGradients[] =>
  (found[nameOf(system, share)] as AdapterGradients | undefined)?.modules ?? [];

/** The natural logarithm of the norm over a layer's modules of a kind, in each batch. */
function layerLogs(modules: readonly ModuleGradients[], kind: Kind, layer: number): number[] {
  const here = modules.filter((each) => each.kind === kind && each.layer === layer);
  return (here[0]?.norms ?? []).map((_, batch) => Math.log(Math.hypot(...here.map(({ norms }) => norms[batch]!))));
}

/** What of the first layer's gradient is left with the least frozen weights, as a logarithm, in each batch. */
function leftLogs(found: Found, system: System, kind: Kind): number[] {
  const [least, whole] = [LEAST, WHOLE].map((share) => layerLogs(modulesOf(found, system, share), kind, 0));
  return whole!.length === least!.length ? least!.map((value, batch) => value - whole![batch]!) : [];
}

function fading(system: System, sentence: string): Expectation {
  return claim(sentence, (found) => {
    const logs = leftLogs(found, system, "inside");
    return { more: logs.map(() => 0), less: logs, numbers: `${geometric(logs)} of it is left at × ${LEAST}` };
  });
}

function left(system: System, kind: Kind, sentence: string): Expectation {
  return claim(sentence, (found) => {
    const [more, less] = [leftLogs(found, system, kind), leftLogs(found, ADAPTER, "inside")];
    return { more, less, numbers: `${system} ${geometric(more)}, ${ADAPTER} ${geometric(less)}` };
  });
}

function even(system: System, sentence: string): Expectation {
  return claim(sentence, (found) => {
    const [more, less] = [ADAPTER, system].map((each) => unevenness(modulesOf(found, each as System, WHOLE)));
    const [a, b] = [less!, more!].map((values) => mean(values).toFixed(3));
    return { more: more!, less: less!, numbers: `deviation of ln: ${system} ${a}, ${ADAPTER} ${b}` };
  });
}

/** The deviation over the layers of the logarithm of the inside modules' gradient, in each batch. */
function unevenness(modules: readonly ModuleGradients[]): number[] {
  const layers = [
    ...new Set(modules.flatMap(({ kind, layer }) => (kind === "inside" && layer !== null ? [layer] : []))),
  ];
  const logs = layers.map((layer) => layerLogs(modules, "inside", layer)); // [layers][batches]
  return (logs[0] ?? []).map((_, batch) => {
    const values = logs.map((ofLayer) => ofLayer[batch]!);
    return Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  });
}

/** That the one is more than the other, batch by batch. */
function claim(
  sentence: string,
  compare: (found: Found) => { more: number[]; less: number[]; numbers: string },
): Expectation {
  return {
    claim: sentence,
    findings(found) {
      const { more, less, numbers } = compare(found);
      if (more.length < 2 || more.length !== less.length) return undefined;
      const { p, meanDifference } = pairedTTest(more, less);
      return { verdict: verdictOf(meanDifference, p), numbers: `${numbers}, p = ${formatP(p)}` };
    },
  };
}

function draw(...[findings]: Parameters<DrawFindings>): ReturnType<DrawFindings> {
  const seeds = [...new Set(findings.map(({ seed }) => seed))];
  const drawn = seeds.map((seed) => {
    const ofSeed = findings.filter((each) => each.seed === seed);
    const found: Found = Object.fromEntries(ofSeed.map(({ name, value }) => [name, value]));
    return {
      charts: (["inside", "aside"] as const).flatMap((kind) => SHARES.map((share) => depthChart(found, kind, share))),
      table: leftTable(found, seed),
    };
  });
  return { charts: drawn.flatMap(({ charts }) => charts), tables: drawn.map(({ table }) => table) };
}

function leftTable(found: Found, seed: number): Table {
  const norm = (system: System, kind: Kind, share: number, layer: number) =>
    geometric(layerLogs(modulesOf(found, system, share), kind, layer));
  const deepest = Math.max(0, ...modulesOf(found, ADAPTER, WHOLE).map(({ layer }) => layer ?? 0));
  const rows = NAMES.flatMap((system) =>
    (["inside", "aside"] as const).flatMap((kind) => {
      const cells = [
        norm(system, kind, WHOLE, deepest),
        ...SHARES.map((share) => norm(system, kind, share, 0)),
        geometric(leftLogs(found, system, kind)),
      ];
      return cells[0] === "" ? [] : [{ name: `${system}, ${kind}`, cells: cells.map((text) => ({ text })) }];
    }),
  );
  return {
    title: `Norm of the gradient, seed ${seed}`,
    columns: ["last layer", ...SHARES.map((share) => `first layer, frozen × ${share}`), `left at × ${LEAST}`],
    rows,
  };
}

const TITLES = { inside: "inside modules", aside: "bypasses" } as const;

/** Modules from the embeddings to the head, a line for each system, on a logarithmic axis. */
const depthChart = (found: Found, kind: Kind, share: number): ChartSpec => ({
  title: { text: `${TITLES[kind]}, frozen × ${share}`, anchor: "start" },
  width: 300,
  height: 200,
  data: {
    values: NAMES.flatMap((system) =>
      modulesOf(found, system, share).flatMap(({ path, layer, norms, kind: each }) =>
        each === kind && layer !== null
          ? [{ system, depth: layer + (path.endsWith(".attention") ? 0.5 : 1), norm: mean(norms) }]
          : [],
      ),
    ),
  },
  mark: { type: "line", point: true, strokeWidth: 1.5 },
  encoding: {
    x: { field: "depth", type: "quantitative", title: "layers below", axis: { grid: false } },
    y: { field: "norm", type: "quantitative", title: "norm of the gradient", scale: { type: "log" } },
    color: { field: "system", type: "nominal", title: null, sort: NAMES },
  },
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The geometric mean, from logarithms. */
const geometric = (logs: readonly number[]): string => (logs.length === 0 ? "" : Math.exp(mean(logs)).toPrecision(3));
