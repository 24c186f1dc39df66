import { sizeOf } from "../../arrays.ts";
import { isSplat, type Value } from "../graph.ts";
import { cast } from "./cast.ts";
import { reshape } from "./layout.ts";

/** How a reduction joins elements. */
export type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceProd";

/** Elements joined along `axes`, which are kept with length 1 or dropped. */
export function reduce(op: Reduction, x: Value, axes: readonly number[], keepAxes: boolean): Value {
  const shape = keepAxes
    ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  const type = { shape, dtype: x.dtype };
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  if (count === 1) return reshape(x, shape);
  if (isSplat(x) && op !== "ReduceProd") return x.graph.splat(op === "ReduceSum" ? x.value * count : x.value, type);
  const keepdims = keepAxes ? 1 : 0;
  // In opset 17 the axes of a sum are an operand, and an attribute of the others.
  if (op === "ReduceSum") return x.graph.node(op, [x, x.graph.int64s(axes)], { keepdims }, type);
  return x.graph.node(op, [x], { axes, keepdims }, type);
}

/** The place of the largest or smallest element along an axis, int32. */
export function locate(op: "ArgMax" | "ArgMin", x: Value, axis: number): Value {
  const shape = x.shape.filter((_, i) => i !== axis);
  const place = x.graph.node(op, [x], { axis, keepdims: 0 }, { shape, dtype: "int64" });
  return cast(place, "int32");
}

/** The k largest elements along the last axis, of equal ones those that come first, and their places, int32. */
export function largest(x: Value, k: number, sorted: boolean): [values: Value, places: Value] {
  const shape = [...x.shape.slice(0, -1), k];
  const types = [
    { shape, dtype: x.dtype },
    { shape, dtype: "int64" as const },
  ];
  const attributes = { axis: -1, largest: 1, sorted: Number(sorted) };
  const [values, places] = x.graph.results("TopK", [x, x.graph.int64s([k])], attributes, types);
  return [values!, cast(places!, "int32")];
}

/** Running sums along an axis, from its end when `reverse`, without the element itself when `exclusive`. */
export const runningSum = (
  x: Value,
  axis: number,
  { exclusive, reverse }: { exclusive: boolean; reverse: boolean },
): Value =>
  x.graph.node(
    "CumSum",
    [x, x.graph.scalar(axis, "int64")],
    { exclusive: Number(exclusive), reverse: Number(reverse) },
    x,
  );
