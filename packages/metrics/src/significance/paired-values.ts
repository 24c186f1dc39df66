import { PropriaError } from "@propria/base";
import type { Evaluation } from "../evaluate.ts";

/**
 * The values of two runs by query, in one order: what a paired test takes.
 *
 * @param measure A name in `a.measures` and `b.measures`.
 * @throws {PropriaError} `PAIRS` when the two do not have values for the same queries.
 */
export function pairedValues(a: Evaluation, b: Evaluation, measure: string): { a: number[]; b: number[] } {
  const left: number[] = [];
  const right: number[] = [];
  if (a.perQuery.size !== b.perQuery.size)
    throw new PropriaError("PAIRS", `one run has ${a.perQuery.size} queries and the other ${b.perQuery.size}`, {
      mend: 'evaluate both over the same qrels with queries: "judged"',
    });
  for (const [queryId, values] of a.perQuery) {
    const [one, other] = [values[measure], b.perQuery.get(queryId)?.[measure]];
    if (one === undefined || other === undefined)
      throw new PropriaError("PAIRS", `${measure} of query "${queryId}" is there for one run only`);
    left.push(one);
    right.push(other);
  }
  return { a: left, b: right };
}

/** @throws {PropriaError} `PAIRS` unless both have the same number of values, at least two, all of them numbers. */
export function differences(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new PropriaError("PAIRS", `${a.length} values against ${b.length}`);
  if (a.length < 2) throw new PropriaError("PAIRS", `a paired test needs at least 2 queries, found ${a.length}`);
  return a.map((value, i) => {
    const difference = value - b[i]!;
    if (!Number.isFinite(difference)) throw new PropriaError("PAIRS", `pair ${i + 1} is ${value} against ${b[i]}`);
    return difference;
  });
}
