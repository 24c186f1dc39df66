import { PropriaError } from "@propria/base";
import { nearestName } from "@propria/metrics";
import type { Experiment, Scale } from "./experiment.ts";
import { rows } from "./rows/index.ts";

/** An experiment in a listing. */
export interface ExperimentSummary {
  name: string;
  title: string;
  reproduces: string;
  scales: Scale[];
  /** At scale `small`, on two cores. */
  minutes: number;
}

/** The experiments there are, in the order in which the report has them. */
export const listExperiments = (): ExperimentSummary[] =>
  rows.map(({ name, title, reproduces, seeds, minutes }) => ({
    name,
    title,
    reproduces,
    scales: Object.keys(seeds) as Scale[],
    minutes,
  }));

/** @throws {PropriaError} `EXPERIMENT_NAME`, with the nearest name. */
export function experimentNamed(name: string): Experiment {
  const found = rows.find((row) => row.name === name);
  if (found) return found;
  const names = rows.map((row) => row.name);
  const near = nearestName(name, names);
  throw new PropriaError("EXPERIMENT_NAME", `no experiment is called ${JSON.stringify(name)}`, {
    mend: near === undefined ? `there are: ${names.join(", ")}` : `did you mean ${near}?`,
  });
}
