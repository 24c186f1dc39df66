import type { Experiment } from "../experiment.ts";

/** The experiments there are, in the order in which the report has them. */
export const rows: readonly Experiment[] = [];
