/** Weights of several systems, learnt on their runs over queries that are not reported on. */
import { PropriaError } from "@propria/base";
import { readQrels, readRun } from "@propria/collection";
import { parseMeasure } from "@propria/metrics";
import { type FusionOptions, type LearntWeights, learnWeights } from "@propria/rankers";
import { mustBeFile } from "../training/negatives.ts";
import { type NamedRun, requireCommon } from "./same-collection.ts";
import { requireSameSystems } from "./same-system.ts";

/** What is learnt, and from what. */
export interface WeightLearning {
  /** Files: the run of each system that is fused. */
  files: readonly string[];
  /** Files: another run of each, in their order. */
  learnFrom: readonly string[];
  /** File of the judgments. */
  qrels: string | undefined;
  measure: string | undefined;
  /** The runs need have nothing in common. */
  disjoint: boolean;
  options: FusionOptions;
}

/** What was learnt, by which measure and on which queries. */
export interface Learnt {
  measure: string;
  learnt: LearntWeights;
  queries: ReadonlySet<string>;
}

/**
 * Learns weights by a measure, nDCG@10 if none is named.
 *
 * @throws {PropriaError} `FLAG_MISSING`, `FLAG_VALUE`, `NOT_FOUND`, `MEASURE`; `OTHER_COLLECTION` for a run that answers no judged query; `SPACE_MISMATCH`
 *   for one by vectors of another space than the run that is fused.
 */
export async function learntWeights({
  files,
  learnFrom,
  qrels: file,
  measure,
  ...rest
}: WeightLearning): Promise<Learnt> {
  const { disjoint, options } = rest;
  if (file === undefined)
    throw new PropriaError("FLAG_MISSING", "needs --qrels FILE, their judgments", { at: "--learn-from" });
  if (learnFrom.length !== files.length)
    throw new PropriaError("FLAG_VALUE", `expected ${files.length} runs, found ${learnFrom.length}`, {
      at: "--learn-from",
      mend: "give one of each system, in their order",
    });
  mustBeFile("--qrels", file, "the judgments of the queries of --learn-from");
  const by = measure ?? "nDCG@10";
  parseMeasure(by);
  const qrels = await readQrels(file);
  const runs = await readRuns(learnFrom);
  await requireSameSystems(files, learnFrom);
  for (const { file: at, run } of runs)
    if (![...run.keys()].some((id) => qrels.has(id)))
      throw new PropriaError("OTHER_COLLECTION", `answers none of the ${qrels.size} judged queries of ${file}`, {
        at,
        mend: "give --qrels the judgments of the runs of --learn-from",
      });
  if (!disjoint) requireCommon(runs);
  const { weights: _, ...fusion } = options;
  const learnt = learnWeights(
    runs.map(({ run }) => run),
    qrels,
    by,
    fusion,
  );
  return { measure: by, learnt, queries: new Set(qrels.keys()) };
}

/** Runs with their files' names. */
export async function readRuns(files: readonly string[]): Promise<NamedRun[]> {
  const runs: NamedRun[] = [];
  for (const file of files) runs.push({ file, run: await readRun(file) });
  return runs;
}
