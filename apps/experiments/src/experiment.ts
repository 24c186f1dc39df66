/** A row is a value: what it reproduces, the steps that make it, and what the thesis says should come out. */
import type { Json } from "./graph/canonical.ts";
import type { FolderStep } from "./graph/folder-step.ts";
import type { Step } from "./graph/step.ts";
import type { PublishedTable } from "./published/published-table.ts";
import type { DrawFindings } from "./report/figure.ts";
import type { EvaluationOutput } from "./steps/evaluate.ts";
import type { TrainedStep } from "./steps/training-curve.ts";

/** `small` runs on two cores; `full` is the thesis' own setting. */
export type Scale = "small" | "full";

/** A number of a table: a system on a collection. */
export interface Cell {
  /** `COSTA`, `BM25`. */
  system: string;
  /** What was done to it: `without fine-tuning`, `BM25 negatives`, `mined negatives`. One table of the report a stage. */
  stage: string;
  collection: string;
  split: string;
  /** `NO_SEED` where nothing is drawn. */
  seed: number;
  step: Step<EvaluationOutput>;
}

/** The seed of a number that no seed changes: BM25's. */
export const NO_SEED = 0;

/** How a training's loss fell. */
export interface CurveStep {
  system: string;
  /** `pre-training`, `BM25 negatives`. */
  stage: string;
  seed: number;
  step: TrainedStep;
}

/** A value that is no measure of a ranking: the mass of a distribution, an embedding map. */
export interface Finding {
  name: string;
  seed: number;
  step: Step;
}

/** All that an experiment makes. */
export interface Plan {
  cells: readonly Cell[];
  curves?: readonly CurveStep[];
  findings?: readonly Finding[];
}

/** What a plan is made from. Nothing is read or computed while planning. */
export interface PlanContext {
  scale: Scale;
  seeds: readonly number[];
  /** A collection or corpus by name: `wikiqa`, `text-en-wikipedia`. */
  data(name: string): FolderStep;
  /** A saved model by name: `minilm`, `bert`. */
  model(name: string): FolderStep;
}

/** `seen`: the direction, significant; `reversed`: the other one, significant. */
export type Verdict = "seen" | "reversed" | "not significant";

/** What the thesis claims, in a form that can be looked up in the results. */
export type Expectation =
  | {
      /** The claim in the thesis' sense, as a sentence. */
      claim: string;
      better: { system: string; stage: string };
      worse: { system: string; stage: string };
      measure: string;
      /** Default: all that both were tested on. */
      collections?: readonly string[];
    }
  | {
      claim: string;
      /** Reads the findings of one seed, by name; undefined where they are not there. */
      findings: (findings: Readonly<Record<string, Json>>) => { verdict: Verdict; numbers: string } | undefined;
    };

/** A system that others are tested against. */
export interface Baseline {
  system: string;
  /** What marks a significant difference: `*`, `†`. */
  mark: string;
}

/** An experiment. */
export interface Experiment {
  /** Kebab-case; also the name of its results. */
  name: string;
  title: string;
  /** In a sentence or two: what is done and how it differs from the thesis. */
  description: string;
  /** The thesis' own numbers, drawn beside ours. */
  published: readonly PublishedTable[];
  /** Tables and figures of the thesis, in words. */
  reproduces: string;
  seeds: { readonly [scale in Scale]?: readonly number[] };
  /** About how long it takes on two cores at scale `small`, alone with nothing kept, in minutes. */
  minutes: number;
  measures: readonly string[];
  baselines: readonly Baseline[];
  expected: readonly Expectation[];
  plan(context: PlanContext): Plan;
  /** Stages that are places on an axis, in order: a table has a column for each, and a picture a line for each system. */
  axis?: { title: string; stages: readonly string[] };
  /** What the report shows of the findings. */
  draw?: DrawFindings;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Gives its argument back, typed and looked over: a name that can be a file's, a seed, an expectation.
 *
 * @throws {Error} when a row is not whole; rows are ours.
 */
export function defineExperiment(experiment: Experiment): Experiment {
  const { name, seeds, measures, expected } = experiment;
  if (!NAME.test(name)) throw new Error(`experiment "${name}": the name is not in kebab-case`);
  if (Object.values(seeds).every((list) => list.length === 0)) throw new Error(`experiment ${name}: no seeds`);
  if (measures.length === 0) throw new Error(`experiment ${name}: no measures`);
  if (expected.length === 0) throw new Error(`experiment ${name}: no expectation`);
  for (const expectation of expected)
    if ("measure" in expectation && !measures.includes(expectation.measure))
      throw new Error(`experiment ${name}: expects something of ${expectation.measure}, which is not measured`);
  return experiment;
}
