import type { Run } from "@propria/metrics";

export interface RunOptions {
  /** The last column: the name of the system, one word; `propria`. */
  tag?: string;
}

/** Reads a run of six columns; the documents of a query stand in the order of their rank column. */
export async function readRun(path: string): Promise<Run> {
  throw new Error(`not there yet: ${path}`);
}

/** Writes a run of six columns, whole or not at all: best first, ranks from 1, scores in full. */
export async function writeRun(path: string, run: Run, { tag = "propria" }: RunOptions = {}): Promise<void> {
  throw new Error(`not there yet: ${path} ${run.size} ${tag}`);
}
