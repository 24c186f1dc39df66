/** What an experiment gave, in the form that is committed: numbers and where they come from, no text of any collection. */

import type { Scale } from "../experiment.ts";
import type { Json } from "../graph/canonical.ts";
import type { Curve } from "../steps/training-curve.ts";

/** Results of an experiment at one scale. */
export interface ExperimentResult {
  form: 1;
  experiment: string;
  scale: Scale;
  cells: CellResult[];
  curves: CurveResult[];
  findings: FindingResult[];
  /** Every step behind a number, by its key. */
  steps: { [key: string]: StepResult };
  /** Where and when numbers were made; a number names one by its place. */
  environments: Environment[];
}

/** A date and a machine. */
export interface Environment {
  /** As the caller said it. */
  date: string;
  machine: { cores: number; threads: number; processor: string };
  versions: { [name: string]: string };
}

/** What a number was made with. */
export interface Provenance {
  /** Of the step that gave it: a hash of all that it is made from. The same key means the same number. */
  key: string;
  /** Place in `environments`. */
  environment: number;
}

/** A system on a collection. */
export interface CellResult extends Provenance {
  system: string;
  stage: string;
  collection: string;
  split: string;
  seed: number;
  /** How many, and a hash over their ids in order: two cells can be tested against each other where it is the same. */
  queries: { count: number; hash: string };
  measures: { [measure: string]: number };
  /** By measure, each query's value in units of 1/10,000, in the order of the ids. */
  perQuery: { [measure: string]: number[] };
}

/** A step, and what it was told. */
export interface StepResult {
  name: string;
  kind: string;
  version: number;
  settings: Json;
  /** Keys of the steps before it. Data that was given has none; its own key is a hash of its contents. */
  inputs: { [name: string]: string };
  seconds: number;
}

/** A training's loss. */
export interface CurveResult {
  system: string;
  stage: string;
  seed: number;
  /** By part of the loss, pairs of step and mean over the steps since the last pair. */
  parts: Curve;
}

/** A value that is no measure of a ranking. */
export interface FindingResult extends Provenance {
  name: string;
  seed: number;
  value: Json;
}

/** What per-query values are multiplied by. */
export const PER_QUERY_UNIT = 10_000;
