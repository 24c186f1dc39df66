/** Weighted sums of the scaled scores of several runs. */
import { type Run, ranked, type ScoredDocument } from "@propria/metrics";
import { type Normalization, normalizeScores, type ScaledScores } from "./normalize.ts";

/** How scores are made comparable before they are added. */
export interface LinearOptions {
  /** Per query and run, before the scores are added; default `"minMax"`. */
  normalization?: Normalization;
  /**
   * A document that some of the runs lack: `"lowest"` (default) takes their lowest score of that query for it, `"drop"` leaves it out.
   */
  missing?: "lowest" | "drop";
}

/** One run's answer to a query, scaled. */
interface Side extends ScaledScores {
  /** Which of the runs. */
  place: number;
}

/**
 * The sum as a function of the weights, one for each run: scaled once, for as many weights as one likes to try. Queries are in the order
 * in which the runs name them; of each the documents are best first, ties as everywhere.
 */
export function linearFusion(
  runs: readonly Run[],
  { normalization = "minMax", missing = "lowest" }: LinearOptions = {},
): (weights: readonly number[]) => Run {
  const scaled = queryIdsOf(runs).map((queryId) => ({ queryId, sides: sidesOf(runs, queryId, normalization) }));
  return (weights) =>
    new Map(
      scaled.map(({ queryId, sides }) => [
        queryId,
        ranked(sum(sides, shares(sides, weights), sides.length > 1 ? missing : "lowest")),
      ]),
    );
}

/** The queries that any of the runs answers, in the order in which they come. */
export const queryIdsOf = (runs: readonly Run[]): string[] => [...new Set(runs.flatMap((run) => [...run.keys()]))];

function sidesOf(runs: readonly Run[], queryId: string, normalization: Normalization): Side[] {
  return runs
    .map((run, place) => ({ place, documents: run.get(queryId) ?? [] }))
    .filter(({ documents }) => documents.length > 0)
    .map(({ place, documents }) => ({ place, ...normalizeScores(documents, normalization) }));
}

/**
 * The weights of the runs that answer a query. Where some do not, the others share the whole weight in the old proportion, so that
 * the scores of all queries are on one scale.
 */
function shares(sides: readonly Side[], weights: readonly number[]): number[] {
  const own = sides.map(({ place }) => weights[place]!);
  if (sides.length === weights.length) return own;
  const whole = total(weights);
  const answering = total(own);
  return own.map((weight) => (answering > 0 ? (weight / answering) * whole : whole / own.length));
}

const total = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0);

function sum(sides: readonly Side[], weights: readonly number[], missing: "lowest" | "drop"): ScoredDocument[] {
  const documents: ScoredDocument[] = [];
  for (const documentId of new Set(sides.flatMap(({ scores }) => [...scores.keys()]))) {
    if (missing === "drop" && sides.some(({ scores }) => !scores.has(documentId))) continue;
    let score = 0;
    for (const [i, side] of sides.entries()) score += weights[i]! * (side.scores.get(documentId) ?? side.missing);
    documents.push({ documentId, score });
  }
  return documents;
}
