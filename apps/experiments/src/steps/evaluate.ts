import { createHash } from "node:crypto";
import { openCollection } from "@propria/collection";
import { evaluate } from "@propria/metrics";
import { type FolderStep, pathOf } from "../graph/folder-step.ts";
import { defineStep, type Step } from "../graph/step.ts";
import { PER_QUERY_UNIT } from "../results/result.ts";
import { type RunStep, runOf } from "./search.ts";

/** Measures of a run, in the mean and by query. */
export type EvaluationOutput = {
  queries: { count: number; hash: string };
  measures: { [measure: string]: number };
  /** In units of 1/10,000, in the order of the query ids. */
  perQuery: { [measure: string]: number[] };
};

/** Measures a run by a split's judgements. All judged queries count, as with trec_eval's `-c`. */
export const evaluateStep = (
  label: string,
  run: RunStep,
  collection: FolderStep,
  settings: { split: string; measures: readonly string[] },
): Step<EvaluationOutput> =>
  defineStep({
    name: `measuring ${label}`,
    kind: "evaluate",
    version: 1,
    settings: { split: settings.split, measures: [...settings.measures] },
    inputs: { run, collection },
    async run(context) {
      const opened = await openCollection(pathOf(context, collection));
      const qrels = await opened.qrels(settings.split);
      const { measures, perQuery, mean } = evaluate(qrels, await runOf(context, run), settings.measures);
      const ids = [...perQuery.keys()].sort();
      const valuesOf = (measure: string) =>
        ids.map((id) => Math.round((perQuery.get(id)![measure] ?? 0) * PER_QUERY_UNIT));
      return {
        queries: { count: ids.length, hash: createHash("sha256").update(ids.join("\n")).digest("hex").slice(0, 16) },
        measures: Object.fromEntries(measures.map((measure) => [measure, Number(mean[measure]!.toFixed(6))])),
        perQuery: Object.fromEntries(measures.map((measure) => [measure, valuesOf(measure)])),
      };
    },
  });
