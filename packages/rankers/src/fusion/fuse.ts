/** Several runs to one. */
import { PropriaError } from "@propria/base";
import type { Run } from "@propria/metrics";
import { type LinearOptions, linearFusion } from "./linear.ts";
import { DEFAULT_K, reciprocalRankFusion } from "./reciprocal-rank.ts";

/** What both ways of fusing take. */
interface Common {
  /** One for each run, 0 or more and not all 0; default: 1 each under `"rrf"`, equal shares of 1 under `"linear"`. */
  weights?: readonly number[];
  /** Documents kept of each query; default: all. */
  depth?: number;
}

/** How runs are fused: by their ranks, or by their scores. */
export type FusionOptions =
  | (Common & {
      method?: "rrf";
      /** Added to every rank: the larger, the less the first ranks stand out; default 60, as in the paper. */
      k?: number;
    })
  | (Common & LinearOptions & { method: "linear" });

/**
 * One run of several, each query's documents best first.
 *
 * `"rrf"` (default) adds weight / (k + rank), and nothing for a run that lacks the document. `"linear"` adds weight · scaled score, and the
 * run's lowest score where it lacks the document; where a run lacks the whole query, the others share its weight.
 *
 * @throws {PropriaError} `NO_RUN` for none; `WEIGHT_RANGE` for weights that are not one for each run, negative, or all 0;
 *   `FUSION_OPTION` for a `k` or `depth` out of range.
 * @example
 * fuseRuns([bm25Run, denseRun]); // reciprocal ranks
 * fuseRuns([bm25Run, denseRun], { method: "linear", weights: [0.3, 0.7] }); // = interpolate(bm25Run, denseRun, 0.3)
 */
export function fuseRuns(runs: readonly Run[], options: FusionOptions = {}): Run {
  if (runs.length === 0) throw new PropriaError("NO_RUN", "no run to fuse", { at: "runs", mend: "give one or more" });
  const { depth } = options;
  if (depth !== undefined && !(Number.isInteger(depth) && depth >= 1))
    throw refused("depth", depth, "a whole number of documents, 1 or more");
  const weights = options.weights ?? runs.map(() => (options.method === "linear" ? 1 / runs.length : 1));
  checkWeights(weights, runs.length);
  const fused = fuse(runs, weights, options);
  return depth === undefined ? fused : new Map([...fused].map(([id, documents]) => [id, documents.slice(0, depth)]));
}

function fuse(runs: readonly Run[], weights: readonly number[], options: FusionOptions): Run {
  if (options.method === "linear") return linearFusion(runs, options)(weights);
  const { k = DEFAULT_K } = options;
  if (!(k >= 0 && Number.isFinite(k))) throw refused("k", k, "0 or more; 60 in the paper");
  return reciprocalRankFusion(runs, weights, k);
}

function checkWeights(weights: readonly number[], runs: number): void {
  const refuse = (what: string, mend: string) => new PropriaError("WEIGHT_RANGE", what, { at: "weights", mend });
  if (weights.length !== runs) throw refuse(`${weights.length} weights for ${runs} runs`, "give one for each run");
  const bad = weights.find((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad !== undefined) throw refuse(`a weight of ${bad}`, "0 or more");
  if (weights.every((weight) => weight === 0)) throw refuse("all weights are 0", "give one run at least some");
}

const refused = (option: string, value: number, mend: string) =>
  new PropriaError("FUSION_OPTION", `${option} is ${value}`, { mend });
