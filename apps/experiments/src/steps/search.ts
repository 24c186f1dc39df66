/** Runs: rankings of a split's queries. */
import { join } from "node:path";
import { openCollection, queriesOf, readRun, writeRun } from "@propria/collection";
import { openIndex } from "@propria/dense-index";
import type { Run } from "@propria/metrics";
import { searchIndex } from "@propria/rankers";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step, type StepContext } from "../graph/step.ts";
import { type EncodingSettings, type IndexStep, withBiEncoder } from "./vectors.ts";

/** A step that gives a run. */
export type RunStep = Step<{ run: string }>;

/** What is searched, and how deep. */
export interface SearchSettings {
  split: string;
  depth: number;
}

/** Exact search with a bi-encoder. */
export const searchStep = (
  label: string,
  model: FolderStep,
  index: IndexStep,
  collection: FolderStep,
  { encoding, ...settings }: SearchSettings & { encoding: EncodingSettings },
): RunStep =>
  defineStep({
    name: `searching ${label}`,
    kind: "search",
    version: 1,
    settings: { ...settings, encoding: { ...encoding } },
    inputs: { model, index, collection },
    run: (context) =>
      withBiEncoder(context, model, encoding, async (encoder) => {
        const { threads } = context;
        const queries = await queriesOf(await openCollection(pathOf(context, collection)), settings.split);
        const opened = await openIndex(pathOf(context, index), {
          space: encoder.space as never,
          ...(threads !== undefined && { threads }),
        });
        try {
          return await keepRun(context, await searchIndex(encoder, opened, queries, { depth: settings.depth }));
        } finally {
          await opened.release();
        }
      }),
  });

const FILE = "run.trec.gz";

/** Writes a run into the step's folder. */
export async function keepRun({ folder }: StepContext, run: Run): Promise<{ run: string }> {
  await writeRun(join(folder, FILE), run, { tag: "propria" });
  return { run: FILE };
}

/** The run of an input. */
export const runOf = (context: StepContext, step: RunStep): Promise<Run> => readRun(runFile(context, step));

/** Where the run of an input stands. */
export function runFile(context: StepContext, step: RunStep): string {
  const { folder, output } = context.of(step);
  return join(folder, output.run);
}
