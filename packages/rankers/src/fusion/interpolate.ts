/** Linear interpolation of two runs. */
import { PropriaError } from "@propria/base";
import { type Run, ranked, type ScoredDocument } from "@propria/metrics";
import { type Normalization, normalizeScores, type ScaledScores } from "./normalize.ts";

/** How two runs are brought together. */
export interface InterpolationOptions {
  /** Per query and run, before the scores are added; default `"minMax"`. */
  normalization?: Normalization;
  /**
   * A document that only one run has: `"lowest"` (default) takes the other run's lowest score of that query for it, `"drop"` leaves it out.
   */
  missing?: "lowest" | "drop";
}

/**
 * weight · first + (1 − weight) · second, over the scaled scores of each query; best first, ties by document id as everywhere.
 * A query that only one run answers keeps that run's ranking, its scores scaled.
 *
 * @param weight The share of `first`, in [0, 1]: 1 gives the ranking of `first`, 0 that of `second`; the other's further documents
 *   tie with its last.
 * @throws {PropriaError} `WEIGHT_RANGE` for another weight.
 */
export const interpolate = (first: Run, second: Run, weight: number, options: InterpolationOptions = {}): Run =>
  interpolation(first, second, options)(weight);

/** The interpolation of two runs as a function of the weight: scaled once, for as many weights as one likes to try. */
export function interpolation(
  first: Run,
  second: Run,
  { normalization = "minMax", missing = "lowest" }: InterpolationOptions = {},
): (weight: number) => Run {
  const queryIds = [...new Set([...first.keys(), ...second.keys()])];
  const scaled = queryIds.map((queryId) => ({
    queryId,
    sides: [first, second]
      .map((run, side) => ({ side, documents: run.get(queryId) ?? [] }))
      .filter(({ documents }) => documents.length > 0)
      .map(({ side, documents }) => ({ side, ...normalizeScores(documents, normalization) })),
  }));
  return (weight) => {
    if (!(weight >= 0 && weight <= 1))
      throw new PropriaError("WEIGHT_RANGE", `a weight of ${weight}`, { at: "weight", mend: "give one in [0, 1]" });
    return new Map(
      scaled.map(({ queryId, sides: [a, b] }) => [
        queryId,
        ranked(a && b ? blend(a, b, weight, missing) : alone(a ?? b)),
      ]),
    );
  };
}

function blend(a: ScaledScores, b: ScaledScores, weight: number, missing: "lowest" | "drop"): ScoredDocument[] {
  const blended: ScoredDocument[] = [];
  for (const documentId of new Set([...a.scores.keys(), ...b.scores.keys()])) {
    const [inA, inB] = [a.scores.get(documentId), b.scores.get(documentId)];
    if (missing === "drop" && (inA === undefined || inB === undefined)) continue;
    blended.push({ documentId, score: weight * (inA ?? a.missing) + (1 - weight) * (inB ?? b.missing) });
  }
  return blended;
}

const alone = (side: ScaledScores | undefined): ScoredDocument[] =>
  [...(side?.scores ?? [])].map(([documentId, score]) => ({ documentId, score }));
