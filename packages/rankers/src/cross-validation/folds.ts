/** The queries of a split cut into folds. */
import { readFile } from "node:fs/promises";
import { PropriaError, seeded, surroundingsError } from "@propria/base";
import { compareDocumentIds } from "@propria/metrics";

/** Query ids, fold by fold. */
export type Folds = readonly (readonly string[])[];

/** One fold is tested on, one validated on, and at least one learnt. */
const FEWEST = 3;

/**
 * Folds as even as can be, drawn: a function of the ids, whatever their order, their number and the seed.
 *
 * @throws {PropriaError} `FOLDS` for fewer than three, or more than there are queries.
 */
export function cutFolds(queryIds: Iterable<string>, count: number, seed = 0): string[][] {
  const ids = [...queryIds].sort(compareDocumentIds);
  if (!Number.isInteger(count) || count < FEWEST || count > ids.length)
    throw new PropriaError("FOLDS", `${count} folds of ${ids.length} queries`, {
      mend: `give ${FEWEST} or more, one to test on, one to validate on and the others to learn, and a query for each`,
    });
  const folds: string[][] = Array.from({ length: count }, () => []);
  for (const [i, place] of seeded(seed, "folds").permutation(ids.length).entries()) folds[i % count]!.push(ids[place]!);
  return folds;
}

/**
 * Reads a file of folds: JSON, a list of lists of query ids (`[["301", "302"], ["303"], …]`), as they are published for Robust04.
 *
 * @throws {PropriaError} `FOLDS` for another form; `NOT_FOUND`.
 */
export async function readFolds(path: string): Promise<string[][]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw surroundingsError(cause, path);
  });
  const wrong = (cause?: unknown) =>
    new PropriaError("FOLDS", "is no JSON list of lists of query ids", {
      at: path,
      mend: 'write [["301", "302"], ["303"], …]',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong(cause);
  }
  const isId = (id: unknown) => typeof id === "string" || typeof id === "number";
  if (!Array.isArray(value) || !value.every((fold) => Array.isArray(fold) && fold.every(isId))) throw wrong();
  return (value as (string | number)[][]).map((fold) => fold.map(String));
}

/**
 * Refuses folds that are not the judged queries, each in one of them.
 *
 * @param at What an error calls the split.
 * @throws {PropriaError} `FOLDS`, naming the query.
 */
export function checkFolds(folds: Folds, judged: ReadonlySet<string>, at: string): void {
  const refuse = (what: string, mend: string) => new PropriaError("FOLDS", what, { at, mend });
  if (folds.length < FEWEST) throw refuse(`${folds.length} folds`, `give ${FEWEST} or more`);
  const seen = new Set<string>();
  for (const id of folds.flat()) {
    if (seen.has(id)) throw refuse(`query ${id} is in the folds twice`, "give it once");
    if (!judged.has(id)) throw refuse(`query ${id} of the folds is not judged`, "are they another collection's?");
    seen.add(id);
  }
  const left = [...judged].find((id) => !seen.has(id));
  if (left !== undefined) throw refuse(`query ${left} is judged, and in no fold`, "give every judged query a fold");
  const empty = folds.findIndex((fold) => fold.length === 0);
  if (empty >= 0) throw refuse(`fold ${empty + 1} is empty`, "leave it out");
}
