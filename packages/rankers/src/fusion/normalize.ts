/** Scores of one query on a common scale, so that two systems' can be added. */
import type { ScoredDocument } from "@propria/metrics";

/**
 * How the scores of one query are scaled. `"minMax"`: to [0, 1]. `"zScore"`: mean 0, deviation 1. `"none"`: as they are.
 */
export type Normalization = "minMax" | "zScore" | "none";

/** A query's scores by document, scaled, and what a document that is not among them is taken to have. */
export interface ScaledScores {
  scores: Map<string, number>;
  /** The lowest score. Where all scores are one number (a single document, say), min-max makes them 1 and this is still 0. */
  missing: number;
}

/** Scales the scores of one query. */
export function normalizeScores(documents: readonly ScoredDocument[], normalization: Normalization): ScaledScores {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { score } of documents) [low, high] = [Math.min(low, score), Math.max(high, score)];
  const scale = scaleOf(documents, normalization, low, high);
  const scores = new Map(documents.map(({ documentId, score }) => [documentId, scale(score)]));
  return { scores, missing: normalization === "minMax" ? 0 : scale(low) };
}

function scaleOf(
  documents: readonly ScoredDocument[],
  normalization: Normalization,
  low: number,
  high: number,
): (score: number) => number {
  switch (normalization) {
    case "minMax":
      return high > low ? (score) => (score - low) / (high - low) : () => 1;
    case "zScore": {
      const mean = documents.reduce((sum, { score }) => sum + score, 0) / documents.length;
      const variance = documents.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) / documents.length;
      return variance > 0 ? (score) => (score - mean) / Math.sqrt(variance) : () => 0;
    }
    case "none":
      return (score) => score;
  }
}
