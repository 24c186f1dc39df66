/** What comes from outside is checked once, before anything changes. */
import { PropriaError } from "@propria/base";
import type { Similarity } from "./dense-index.ts";

/** The longest vector whose products with others stay far from the end of float32. */
const LARGEST_NORM = 1e18;

/**
 * Vectors as the index keeps them: a copy, scaled to length 1 for `cosine`.
 *
 * @param what For the message: `vectors` or `queries`.
 * @throws {PropriaError} `DIMENSIONS` when the rows do not come out even; `NOT_FINITE` for NaN, infinity, and lengths over 1e18.
 */
export function checkedVectors(
  vectors: Float32Array,
  { dimensions, similarity, what, rows }: { dimensions: number; similarity: Similarity; what: string; rows?: number },
): Float32Array {
  if (!(vectors instanceof Float32Array))
    throw new PropriaError("DIMENSIONS", `${what} are no Float32Array`, { mend: "give rows one after the other" });
  const found = vectors.length / dimensions;
  if (rows === undefined ? !Number.isInteger(found) : found !== rows) {
    const expected = rows === undefined ? `rows of ${dimensions}` : `${rows} rows of ${dimensions}`;
    throw new PropriaError("DIMENSIONS", `${what} have ${vectors.length} numbers, expected ${expected}`);
  }
  const kept = vectors.slice();
  for (let row = 0; row < found; row++) {
    const start = row * dimensions;
    let squares = 0;
    for (let i = start; i < start + dimensions; i++) squares += kept[i]! * kept[i]!;
    const norm = Math.sqrt(squares);
    if (!(norm <= LARGEST_NORM)) throw notFinite(kept.subarray(start, start + dimensions), what, row, norm);
    if (similarity === "cosine" && norm > 0) for (let i = start; i < start + dimensions; i++) kept[i]! /= norm;
  }
  return kept;
}

function notFinite(vector: Float32Array, what: string, row: number, norm: number): PropriaError {
  const element = vector.findIndex((each) => !Number.isFinite(each));
  const found = element < 0 ? `a length of ${norm.toPrecision(3)}` : `${vector[element]} at element ${element}`;
  return new PropriaError("NOT_FINITE", `row ${row} of the ${what} has ${found}`, {
    mend: "only finite numbers and lengths up to 1e18 have scores",
  });
}

/** Refuses a depth that is no whole number of documents. */
export function expectDepth(depth: number): void {
  if (!Number.isInteger(depth) || depth < 1)
    throw new PropriaError("DEPTH", `depth is ${depth}`, { mend: "a whole number of documents, 1 or more" });
}

/** Refuses an option that is no whole number in `[least, most]`. */
export function expectWhole(name: string, value: number | undefined, least: number, most = 2 ** 31 - 1): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new PropriaError("OPTION_INVALID", `${name} is ${value}`, {
    mend: most === 2 ** 31 - 1 ? `a whole number, ${least} or more` : `a whole number from ${least} to ${most}`,
  });
}
