/** The weights of an ensemble, learnt on queries that the result is not reported on. */
import { PropriaError } from "@propria/base";
import { evaluate, type Measure, type Qrels, type Run } from "@propria/metrics";
import { type FusionOptions, fuseRuns } from "./fuse.ts";
import { linearFusion } from "./linear.ts";

/** How the runs are fused, and how finely weights are looked for. */
export type LearnWeightsOptions = Unweighted<FusionOptions> & {
  /** Distance of the shares that are tried, in (0, 1]; default 0.05. A guess. */
  step?: number;
};

type Unweighted<Options> = Options extends unknown ? Omit<Options, "weights"> : never;

/** What was learnt. */
export interface LearntWeights {
  /** One for each run, in their order; their sum is 1. */
  weights: number[];
  /** The measure's mean over the judged queries, at those weights; never below that of the best run alone. */
  value: number;
  /** The same at equal weights. */
  equal: number;
  /** The same for each run alone. */
  alone: number[];
  /** Fusions that were measured. */
  tried: number;
}

const DEFAULT_STEP = 0.05;

/**
 * Coordinate ascent: one run's share after another is tried at 0, 0.05, …, 1, the other runs keeping their proportions, and the best is
 * kept, until a round over all runs changes nothing. It starts from equal shares and from each run alone, and the best end is taken. No
 * draw is made: the same runs give the same weights. Of two runs it is the search of `chooseWeight` over the same grid.
 *
 * Learn on a train or validation split and report on another.
 *
 * @param measure As `evaluate` takes it: `"nDCG@10"`.
 * @throws {PropriaError} `NO_RUN` for fewer than two; `WEIGHT_RANGE` for a step out of range; what `fuseRuns` and `evaluate` throw.
 * @see Metzler and Croft, "Linear feature-based models for information retrieval", Information Retrieval 2007 (coordinate ascent).
 */
export function learnWeights(
  runs: readonly Run[],
  qrels: Qrels,
  measure: string | Measure,
  { step = DEFAULT_STEP, ...options }: LearnWeightsOptions = {},
): LearntWeights {
  if (runs.length < 2)
    throw new PropriaError("NO_RUN", `${runs.length} run to weigh`, { at: "runs", mend: "give two or more" });
  if (!(step > 0 && step <= 1))
    throw new PropriaError("WEIGHT_RANGE", `a step of ${step}`, { at: "step", mend: "above 0 and at most 1" });
  const fuse = fusionOf(runs, options);
  const known = new Map<string, number>();
  const measured = (weights: readonly number[]): number => {
    const key = weights.map((weight) => weight.toFixed(9)).join(" ");
    const found = known.get(key);
    if (found !== undefined) return found;
    const { measures, mean } = evaluate(qrels, fuse(weights), [measure]);
    const value = mean[measures[0]!]!;
    known.set(key, value);
    return value;
  };

  const alone = runs.map((_, place) => runs.map((_, i) => (i === place ? 1 : 0)));
  const even = runs.map(() => 1 / runs.length);
  const grid = sharesBy(step);
  let weights = even;
  for (const start of [even, ...alone]) {
    const end = ascend(start, grid, measured);
    if (measured(end) > measured(weights)) weights = end;
  }
  return {
    ...{ weights, value: measured(weights), equal: measured(even) },
    ...{ alone: alone.map(measured), tried: known.size },
  };
}

/** The fusion as a function of the weights; scores are scaled once. */
function fusionOf(runs: readonly Run[], options: Unweighted<FusionOptions>): (weights: readonly number[]) => Run {
  if (options.method !== "linear") return (weights) => fuseRuns(runs, { ...options, weights });
  const { depth } = options;
  const fuse = linearFusion(runs, options);
  if (depth === undefined) return fuse;
  fuseRuns(runs.slice(0, 1), { depth }); // refuses a depth that cannot be
  return (weights) => new Map([...fuse(weights)].map(([queryId, documents]) => [queryId, documents.slice(0, depth)]));
}

/** 0, step, 2 · step, …, 1. */
function sharesBy(step: number): number[] {
  const shares = Array.from({ length: Math.floor(1 / step + 1e-9) + 1 }, (_, i) => Math.min(1, i * step));
  return shares.at(-1) === 1 ? shares : [...shares, 1];
}

function ascend(
  start: readonly number[],
  grid: readonly number[],
  measured: (weights: readonly number[]) => number,
): number[] {
  let best = [...start];
  for (let changed = true; changed; ) {
    changed = false;
    for (const place of start.keys())
      for (const share of grid) {
        const tried = withShare(best, place, share);
        if (measured(tried) <= measured(best)) continue;
        best = tried;
        changed = true;
      }
  }
  return best;
}

/** The weights with another share for one run; what is left goes to the others as it stood among them, or evenly where they had none. */
function withShare(weights: readonly number[], place: number, share: number): number[] {
  const others = weights.reduce((sum, weight, i) => (i === place ? sum : sum + weight), 0);
  const even = 1 / (weights.length - 1);
  return weights.map((weight, i) => (i === place ? share : (1 - share) * (others > 0 ? weight / others : even)));
}
