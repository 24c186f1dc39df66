import { fuseRuns } from "@propria/rankers";
import { defineStep } from "../graph/step.ts";
import { keepRun, type RunStep, runOf } from "./search.ts";

/** Two runs as one, by reciprocal rank. */
export const fuseStep = (label: string, first: RunStep, second: RunStep): RunStep =>
  defineStep({
    name: `fusing ${label}`,
    kind: "fuse",
    version: 1,
    settings: { method: "rrf", k: 60, depth: 1000 },
    inputs: { first, second },
    async run(context) {
      const runs = [await runOf(context, first), await runOf(context, second)];
      return keepRun(context, fuseRuns(runs, { method: "rrf", k: 60, depth: 1000 }));
    },
  });
