import { existsSync } from "node:fs";
import { join } from "node:path";
import { PropriaError } from "@propria/base";
import { openCollection, readRun } from "@propria/collection";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep } from "../graph/step.ts";
import { keepRun, type RunStep } from "./search.ts";

/** `NAME.trec.gz` or `NAME.trec` of a folder of rankings, or undefined. */
export const givenRunFile = (folder: string, name: string): string | undefined =>
  [`${name}.trec.gz`, `${name}.trec`].map((file) => join(folder, file)).find((path) => existsSync(path));

/** A run that somebody else's program made: what it says of the queries of a split. */
export const givenRunStep = (
  rankings: FolderStep,
  collection: FolderStep,
  settings: { run: string; split: string },
): RunStep =>
  defineStep({
    name: `the run ${settings.run} of ${rankings.name}, ${settings.split}`,
    kind: "given-run",
    version: 1,
    settings: { ...settings },
    inputs: { rankings, collection },
    async run(context) {
      const { run: name, split } = settings;
      const folder = pathOf(context, rankings);
      const path = givenRunFile(folder, name);
      if (path === undefined)
        throw new PropriaError("DATA_MISSING", `holds no ${name}.trec.gz and no ${name}.trec`, {
          at: folder,
          mend: "write a run in TREC's form there",
        });
      const qrels = await (await openCollection(pathOf(context, collection))).qrels(split);
      const run = await readRun(path);
      return keepRun(context, new Map([...run].filter(([queryId]) => qrels.has(queryId))));
    },
  });
