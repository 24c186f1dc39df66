/** Rows of a table: reading them by index, and adding to them by index. */
import { isSplatOf, type Value } from "../graph.ts";
import { cast } from "./cast.ts";
import { reshape } from "./layout.ts";

/** Slices of `x` along an axis, by int32 indices of any shape. */
export const gather = (x: Value, indices: Value, axis: number): Value =>
  x.graph.node(
    "Gather",
    [x, indices],
    { axis },
    {
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      dtype: x.dtype,
    },
  );

/** `base` with `rows[i]` added to its row `indices[i]`, for every i; indices int64 `[N, 1]` as {@link rowIndices} makes them. */
export const addRows = (base: Value, indices: Value, rows: Value): Value =>
  base.graph.node("ScatterND", [base, indices, rows], { reduction: "add" }, base);

/** int32 indices of any shape as {@link addRows} takes them. */
export const rowIndices = (indices: Value): Value => cast(reshape(indices, [...indices.shape, 1]), "int64");

/** True for the result of {@link addRows}. */
export const isRowSum = (value: Value): boolean => value.op === "ScatterND";

/** Rows to be added to a table, and their int32 indices. */
export interface RowAddition {
  indices: Value;
  rows: Value;
}

/** A sum taken apart: a dense part, `undefined` when it is 0, and the rows added to it. */
export function withoutRows(sum: Value): { dense: Value | undefined; additions: RowAddition[] } {
  const additions: RowAddition[] = [];
  let dense = sum;
  while (isRowSum(dense)) {
    const [base, indices, rows] = dense.inputs as [Value, Value, Value];
    additions.unshift({ indices: indices.op === "Cast" ? indices.inputs[0]! : indices, rows });
    dense = base;
  }
  return { dense: isSplatOf(dense, 0) && additions.length > 0 ? undefined : dense, additions };
}
