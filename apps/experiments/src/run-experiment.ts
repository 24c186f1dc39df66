/** Runs an experiment and keeps its numbers. */
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import { type Experiment, NO_SEED, type Plan, type PlanContext, type Scale } from "./experiment.ts";
import type { FolderStep } from "./graph/folder-step.ts";
import { openGraph, type StepEvent } from "./graph/graph.ts";
import { source } from "./graph/source.ts";
import type { Step } from "./graph/step.ts";
import { holdingFolder } from "./graph/work-lock.ts";
import { experimentNamed } from "./list-experiments.ts";
import { collecting, environmentOf } from "./results/collect.ts";
import type { ExperimentResult } from "./results/result.ts";
import { readResult, resultPath, writeResult } from "./results/result-file.ts";
import { readPaths } from "./settings/paths.ts";

/** What a run of an experiment needs. Paths are folders unless said otherwise. */
export interface RunOptions {
  /** Holds the collections of scale `small`, one folder each: `cranfield`, `wikiqa`, `text-en-wikipedia`, …. */
  data?: string | undefined;
  /** The all-MiniLM-L6-v2 checkpoint; default what the variable PROPRIA_MINILM says. */
  minilm?: string | undefined;
  /** File that says where the data of scale `full` lies; {@link checkPaths} looks it over. */
  paths?: string | undefined;
  /** Where the outputs of steps are kept; default `.propria-experiments`. Gigabytes; may be removed at any time. */
  work?: string | undefined;
  /** Where `NAME.json` is written. */
  results: string;
  /** Default `small`. */
  scale?: Scale | undefined;
  /** Names of the systems to run; default all. The others' numbers stay where they are from the same settings. */
  only?: readonly string[] | undefined;
  /** Default: those of the row. The numbers of others stay. Positive: 0 means that no seed changes a number. */
  seeds?: readonly number[] | undefined;
  /** Of one operation; default one a core. */
  threads?: number | undefined;
  /** Aborting ends with the error `INTERRUPTED`; what is finished is kept, a training leaves a checkpoint. */
  signal?: AbortSignal | undefined;
  onProgress?: ((event: ExperimentProgress) => void) | undefined;
  /** Of today, for the results: `2026-11-24`. */
  date: string;
}

/** What happens, and which of how many steps it happens to. */
export type ExperimentProgress = StepEvent & { step: number; steps: number };

/**
 * Runs an experiment by name. Steps that are kept from before are not run again; stopped at any instant and called again, it goes on.
 * The results are written after every number, so that an interrupted run leaves what it has.
 *
 * @throws {PropriaError} `EXPERIMENT_NAME`, `SCALE`, `SYSTEM_NAME`; `DATA_MISSING`; `PATHS_FILE`, `PATHS_NAME`; `RESULTS_FORM`;
 *   `WORK_IN_USE`; `INTERRUPTED`; what the packages throw.
 */
export const runExperiment = async (name: string, options: RunOptions): Promise<ExperimentResult> =>
  runRow(experimentNamed(name), options);

/** The same for a row that is not in the list. */
export async function runRow(experiment: Experiment, options: RunOptions): Promise<ExperimentResult> {
  const { work = ".propria-experiments", scale = "small", signal, threads, date, onProgress } = options;
  const path = resultPath(options.results, experiment.name, scale);
  const before = await readResult(path);
  const seeds = seedsOf(experiment, scale, options.seeds);
  const known = [...new Set([...seeds, ...seedsIn(before)])].sort((a, b) => a - b);
  const whole = experiment.plan(await planContext(known, options));
  const { cells, curves = [], findings = [] } = restricted(whole, { seeds, only: options.only }, experiment);
  const order = numbered([...cells, ...curves, ...findings].map(({ step }) => step));
  const onEvent = (event: StepEvent) => onProgress?.({ ...event, step: order.get(event.name) ?? 0, steps: order.size });
  const graph = openGraph({ work, threads, signal, onEvent });

  const collected = await collecting({
    ...{ graph, plan: whole, experiment: experiment.name, scale },
    before,
    environment: environmentOf(date, threads),
  });
  const save = () => {
    collected.tidy(whole);
    return writeResult(path, collected.result);
  };
  return holdingFolder(work, async () => {
    for (const cell of cells) {
      await collected.cell(cell);
      await save();
    }
    for (const finding of findings) await collected.finding(finding);
    for (const curve of curves) await collected.curve(curve);
    await save();
    return collected.result;
  });
}

/** @throws {PropriaError} `SCALE` when the row has none of that. */
function seedsOf({ name, seeds }: Experiment, scale: Scale, given: readonly number[] | undefined): readonly number[] {
  const own = seeds[scale];
  if (own === undefined)
    throw new PropriaError("SCALE", `${name} has no scale ${scale}`, {
      mend: `it has ${Object.keys(seeds).join(", ")}`,
    });
  return given ?? own;
}

/** Seeds of numbers that are there: those are kept, though only others are run. What no seed changes has 0. */
const seedsIn = (result: ExperimentResult | undefined): number[] =>
  [...(result?.cells ?? []), ...(result?.findings ?? [])].map(({ seed }) => seed).filter((seed) => seed !== NO_SEED);

/** Where data and models come from. @throws {PropriaError} `DATA_MISSING`, when asked for what there is no path to. */
async function planContext(seeds: readonly number[], options: RunOptions): Promise<PlanContext> {
  const { scale = "small" } = options;
  const full = scale === "full" ? await fullPaths(options.paths) : {};
  const pathOf = (name: string, kind: "data" | "model"): string => {
    if (scale === "full") return full[name] ?? missing(name, options.paths ?? "the file of paths");
    if (kind === "model") return options.minilm ?? process.env.PROPRIA_MINILM ?? missing(name, "PROPRIA_MINILM");
    return join(options.data ?? missing(name, "data"), name);
  };
  const sources = new Map<string, FolderStep>();
  const open = (name: string, kind: "data" | "model") => {
    const known = sources.get(name) ?? source(name, pathOf(name, kind));
    sources.set(name, known);
    return known;
  };
  return { scale, seeds, data: (name) => open(name, "data"), model: (name) => open(name, "model") };
}

async function fullPaths(paths: string | undefined): Promise<Readonly<Record<string, string>>> {
  if (paths !== undefined) return readPaths(paths);
  throw new PropriaError("PATHS_FILE", "scale full reads its data from where a file of paths says", {
    mend: "give one; doctor looks it over",
  });
}

function missing(name: string, where: string): never {
  throw new PropriaError("DATA_MISSING", `no path for ${name}`, { at: where, mend: `say where ${name} lies` });
}

/** The part of a plan that some seeds and systems have. */
function restricted(
  plan: Plan,
  { seeds, only }: { seeds: readonly number[]; only: readonly string[] | undefined },
  { name }: Experiment,
): Plan {
  const seeded = ({ seed }: { seed: number }) => seed === NO_SEED || seeds.includes(seed);
  if (only === undefined)
    return {
      cells: plan.cells.filter(seeded),
      curves: (plan.curves ?? []).filter(seeded),
      findings: (plan.findings ?? []).filter(seeded),
    };
  const systems = [...new Set([...plan.cells, ...(plan.curves ?? [])].map(({ system }) => system))];
  for (const system of only) {
    if (systems.includes(system)) continue;
    const near = nearestName(system, systems);
    throw new PropriaError("SYSTEM_NAME", `${name} has no system ${JSON.stringify(system)}`, {
      mend: near === undefined ? `it has ${systems.join(", ")}` : `did you mean ${near}?`,
    });
  }
  const wanted = ({ system, seed }: { system: string; seed: number }) => only.includes(system) && seeded({ seed });
  return { cells: plan.cells.filter(wanted), curves: (plan.curves ?? []).filter(wanted), findings: [] };
}

/** Every step that some steps need, by name, in the order in which they run; data does not count. */
function numbered(steps: readonly Step[]): ReadonlyMap<string, number> {
  const order = new Map<string, number>();
  const visit = (step: Step) => {
    if (step.source !== undefined || order.has(step.name)) return;
    for (const input of Object.values(step.inputs)) visit(input);
    order.set(step.name, order.size + 1);
  };
  for (const step of steps) visit(step);
  return order;
}
