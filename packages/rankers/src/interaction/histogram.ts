/** DRMM's matching histograms: how alike the words of a document are to one word of the query. */
import type { DrmmConfig } from "./config.ts";
import { NO_WORD } from "./vocabulary.ts";

/** The bin of a similarity: ⌊(s + 1) / 2 · (bins − 1)⌋, so that s = 1 alone is in the last. */
export const binOf = (similarity: number, bins: number): number =>
  Math.max(0, Math.min(bins - 1, Math.floor(((similarity + 1) / 2) * (bins - 1))));

/** A similarity of two words that are not the same is below this: rounding must not make it an exact match. */
const BELOW_ONE = 1 - 1e-6;

/** How histograms are made. */
export type HistogramSettings = Pick<DrmmConfig, "bins" | "histogram" | "log" | "rescale">;

/** Unit vectors by id: float32 `[ids, dimensions]`, of which ids from `count` have none. */
export interface UnitVectors {
  data: Float32Array;
  dimensions: number;
  /** Rows, padding included. */
  count: number;
}

/** Rows scaled to length 1; a row of zeros stays one. */
export function unitVectors(table: { shape: readonly number[]; data: Float32Array }): UnitVectors {
  const [count, dimensions] = table.shape as [number, number];
  const data = table.data.slice();
  for (let start = 0; start < data.length; start += dimensions) {
    const row = data.subarray(start, start + dimensions);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) for (let i = 0; i < dimensions; i++) row[i]! /= norm;
  }
  return { data, dimensions, count };
}

/**
 * The histograms of a query's words over a document's, `[query words, bins]`. The same word is an exact match, with or without a vector; words without
 * one match nothing else (similarity 0). Each document word is in one bin of each row.
 */
export function histograms(
  queryIds: readonly number[],
  documentIds: readonly number[],
  vectors: UnitVectors,
  settings: HistogramSettings,
): Float32Array {
  const { bins } = settings;
  const found = new Float32Array(queryIds.length * bins);
  const similarities = new Float64Array(documentIds.length);
  for (const [place, queryId] of queryIds.entries()) {
    const row = found.subarray(place * bins, (place + 1) * bins);
    for (const [j, documentId] of documentIds.entries()) similarities[j] = similarity(queryId, documentId, vectors);
    if (settings.rescale) rescale(similarities);
    for (const value of similarities) row[binOf(value, bins)]! += 1;
    weigh(row, documentIds.length, settings);
  }
  return found;
}

function similarity(a: number, b: number, { data, dimensions, count }: UnitVectors): number {
  if (a === b && a !== NO_WORD) return 1;
  if (a === NO_WORD || b === NO_WORD || a >= count || b >= count) return 0;
  let dot = 0;
  for (let i = 0, atA = a * dimensions, atB = b * dimensions; i < dimensions; i++)
    dot += data[atA + i]! * data[atB + i]!;
  return Math.min(dot, BELOW_ONE);
}

/** As DRMM's code: over the largest, where that is above 0. */
function rescale(similarities: Float64Array): void {
  const largest = similarities.reduce((most, value) => Math.max(most, value), 0);
  if (largest > 0) for (let i = 0; i < similarities.length; i++) similarities[i]! /= largest;
}

function weigh(row: Float32Array, documentWords: number, { histogram, log }: HistogramSettings): void {
  if (histogram === "ch" || documentWords === 0) return;
  const logarithm = log === "log10" ? Math.log10 : Math.log;
  for (let i = 0; i < row.length; i++) row[i] = histogram === "lch" ? logarithm(row[i]! + 1) : row[i]! / documentWords;
}
