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
const SYSTEMS = {
  [ADAPTER]: { name: "adapter@0.5%", options: { init: "bert" } },
  "IAA-S": { name: "iaa-s@0.5%", options: { init: "bert", asideInit: "bert" } },
  "IAA-L": { name: "iaa-l@0.5%", options: { init: "bert", asideInit: "bert" } },
  "IAA-M": { name: "iaa-m@0.5%", options: { init: "bert", asideInit: "bert" } },
} as const;
type System = keyof typeof SYSTEMS;
const NAMES = Object.keys(SYSTEMS) as System[];

/** How all modules start, as a multiple of BERT's deviation of 0.02: so little that a bypass passes on next to nothing, and so much that it passes on about what it gets. */
const STARTS = { "N(0, 0.02²)": 1, "N(0, 0.2²)": 10 } as const;
type Start = keyof typeof STARTS;
const START_NAMES = Object.keys(STARTS) as Start[];

const WHOLE = 1;
const LEAST = 0.0001;
const SHARES = [WHOLE, 0.01, LEAST];

/** A system as it starts. */
interface Started {
  system: System;
  start: Start;
}
const titleOf = ({ system, start }: Started) => `${system}, ${start}`;
const nameOf = (started: Started, share: number) => `${titleOf(started)}, frozen × ${share}`;
const STARTED = START_NAMES.flatMap((start) => NAMES.map((system): Started => ({ system, start })));

const PAIRS: Omit<GradientSettings, "adapter" | "scale" | "share" | "seed"> = {
  ...{ split: "train", batches: 12, batch: 8, queryTokens: 24, maxTokens: 64 },
};

export const adapterGradients = defineExperiment({
  name: "adapter-gradients",
  title: "Gradients by depth: scattered adapters and bypasses",
  reproduces:
    "the slides' theoretical analysis: a gradient reaches a scattered module through frozen parts, Δg = dL/dF · dF/dS · dS/dg, and beside them Δg ≈ dL/dg",
  description:
    "MiniLM as a cross-encoder with a fresh head, before the first step, without dropout: the L2 norm of the gradient at each module, over twelve batches of eight of wikiqa's training queries with a relevant document and one of BM25's that is not. " +
    "Then the frozen weights of every layer but the first are multiplied by 0.01 and 0.0001: what is left of the gradient in the first layer came around them. A bypass is no identity: it passes on as much as its weights are large, " +
    "so modules start once as BERT's weights do and once ten times as large.",
  published: [],
  seeds: { small: [1] },
  minutes: 12,
  measures: ["nDCG@20"],
  baselines: [],
  expected: START_NAMES.flatMap((start) => [
    fading(start),
    ...(["IAA-S", "IAA-L"] as const).flatMap((system) => [
      left({ system, start }, "inside"),
      left({ system, start }, "aside"),
      even({ system, start }),
    ]),
  ]),
  draw,
  plan: (context) => gradientsPlan({ context, settings: MINILM_RANKING }, PAIRS),
});

/** Each system from each start, at each share of the frozen weights. */
export function gradientsPlan(ranking: Ranking, pairs: typeof PAIRS): Plan {
  const { context, settings } = ranking;
  const [set] = settings.sets as [SplitSet];
  const model = startModel({ ...ranking, seed: PRETRAINING_SEED });
  const first = candidates(ranking, set, pairs.split);
  const findings = context.seeds.flatMap((seed) =>
    STARTED.flatMap((started) =>
      SHARES.map((share) => {
        const { system, start } = started;
        const told = { ...pairs, adapter: SYSTEMS[system], scale: STARTS[start], share, seed };
        const name = nameOf(started, share);
        const data = context.data(set.collection);
        return { name, seed, step: adapterGradientsStep(`${name}, seed ${seed}`, model, data, first, told) };
      }),
    ),
  );
  return { cells: [], findings };
}

type Kind = ModuleGradients["kind"];
type Found = Readonly<Record<string, unknown>>;

const modulesOf = (found: Found, started: Started, share: number): readonly ModuleGradients[] =>
  (found[nameOf(started, share)] as AdapterGradients | undefined)?.modules ?? [];

/** The natural logarithm of the norm over a layer's modules of a kind, in each batch. */
function layerLogs(modules: readonly ModuleGradients[], kind: Kind, layer: number): number[] {
  const here = modules.filter((each) => each.kind === kind && each.layer === layer);
  return (here[0]?.norms ?? []).map((_, batch) => Math.log(Math.hypot(...here.map(({ norms }) => norms[batch]!))));
}

/** What of the first layer's gradient is left with the least frozen weights, as a logarithm, in each batch. */
function leftLogs(found: Found, started: Started, kind: Kind): number[] {
  const [least, whole] = [LEAST, WHOLE].map((share) => layerLogs(modulesOf(found, started, share), kind, 0));
  return whole!.length === least!.length ? least!.map((value, batch) => value - whole![batch]!) : [];
}

function fading(start: Start): Expectation {
  return claim(`${start}: ${ADAPTER}'s gradient in the first layer goes with the frozen weights above it`, (found) => {
    const logs = leftLogs(found, { system: ADAPTER, start }, "inside");
    return { more: logs.map(() => 0), less: logs, numbers: `${geometric(logs)} of it is left at × ${LEAST}` };
  });
}

function left(started: Started, kind: Kind): Expectation {
  const { system, start } = started;
  const what = kind === "inside" ? system : `${system}'s bypasses`;
  return claim(`${start}: in the first layer, more is left of the gradient of ${what} than of ${ADAPTER}`, (found) => {
    const [more, less] = [leftLogs(found, started, kind), leftLogs(found, { system: ADAPTER, start }, "inside")];
    return { more, less, numbers: `${what} ${geometric(more)}, ${ADAPTER} ${geometric(less)}` };
  });
}

function even(started: Started): Expectation {
  const { system, start } = started;
  const sentence = `${start}: with the weights as they are, gradients are more even over the layers in ${system} than in ${ADAPTER}`;
  return claim(sentence, (found) => {
    const scattered = unevenness(modulesOf(found, { system: ADAPTER, start }, WHOLE));
    const joined = unevenness(modulesOf(found, started, WHOLE));
    const [a, b] = [joined, scattered].map((values) => mean(values).toFixed(3));
    return { more: scattered, less: joined, numbers: `deviation of ln: ${system} ${a}, ${ADAPTER} ${b}` };
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
  const drawn = [...new Set(findings.map(({ seed }) => seed))].map((seed) => {
    const ofSeed = findings.filter((each) => each.seed === seed);
    const found: Found = Object.fromEntries(ofSeed.map(({ name, value }) => [name, value]));
    return {
      charts: START_NAMES.flatMap((start) => SHARES.map((share) => depthChart(found, start, share))),
      table: leftTable(found, seed),
    };
  });
  return { charts: drawn.flatMap(({ charts }) => charts), tables: drawn.map(({ table }) => table) };
}

function leftTable(found: Found, seed: number): Table {
  const norm = (started: Started, kind: Kind, share: number, layer: number) =>
    geometric(layerLogs(modulesOf(found, started, share), kind, layer));
  const rows = STARTED.flatMap((started) =>
    (["inside", "aside"] as const).flatMap((kind) => {
      const last = Math.max(...modulesOf(found, started, WHOLE).map(({ layer }) => layer ?? 0));
      const whole = norm(started, kind, WHOLE, last);
      if (whole === "") return [];
      const norms = [whole, ...SHARES.map((share) => norm(started, kind, share, 0))];
      const cells = [...norms, geometric(leftLogs(found, started, kind))].map((text) => ({ text }));
      return [{ name: `${titleOf(started)}, ${kind}`, cells }];
    }),
  );
  return {
    title: `Norm of the gradient, seed ${seed}`,
    columns: ["last layer", ...SHARES.map((share) => `first layer, frozen × ${share}`), `left at × ${LEAST}`],
    rows,
  };
}

/** Modules from the embeddings to the head, a line for each system, on a logarithmic axis. */
const depthChart = (found: Found, start: Start, share: number): ChartSpec => ({
  title: { text: `${start}, frozen × ${share}`, anchor: "start" },
  width: 300,
  height: 200,
  data: {
    values: NAMES.flatMap((system) =>
      modulesOf(found, { system, start }, share).flatMap(({ path, kind, layer, norms }) => {
        const depth = (layer ?? 0) + (path.endsWith(".attention") ? 0.5 : 1);
        return layer === null ? [] : [{ system, kind, depth, norm: mean(norms) }];
      }),
    ),
  },
  mark: { type: "line", point: true, strokeWidth: 1.5 },
  encoding: {
    x: { field: "depth", type: "quantitative", title: "layers", axis: { grid: false } },
    y: { field: "norm", type: "quantitative", title: "norm of the gradient", scale: { type: "log" } },
    color: { field: "system", type: "nominal", title: null, sort: NAMES },
    strokeDash: { field: "kind", type: "nominal", title: null, sort: ["inside", "aside"] },
  },
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The geometric mean, from logarithms. */
const geometric = (logs: readonly number[]): string => (logs.length === 0 ? "" : Math.exp(mean(logs)).toPrecision(3));
