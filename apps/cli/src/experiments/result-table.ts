/** The numbers of an experiment as text. */
import type { ExperimentResult } from "@propria/experiments";
import { table } from "../program/format.ts";

/** A line for each system, stage, collection and seed, with its measures. */
export function resultTable({ cells }: ExperimentResult): string[] {
  const measures = [...new Set(cells.flatMap((cell) => Object.keys(cell.measures)))];
  const rows = cells.map(({ system, stage, collection, split, seed, measures: values }) => [
    ...[system, stage, collection, split, String(seed)],
    ...measures.map((measure) => values[measure]?.toFixed(4) ?? ""),
  ]);
  return table([["system", "stage", "collection", "split", "seed", ...measures], ...rows], { left: [0, 1, 2, 3] });
}
