import { broadcastShape, isSplat, sameShape, type Value } from "../graph.ts";

/** The same elements in another shape. */
export function reshape(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (isSplat(x)) return x.graph.splat(x.value, { shape, dtype: x.dtype });
  if (x.op === "Reshape") return reshape(x.inputs[0]!, shape);
  return x.graph.node("Reshape", [x, x.graph.int64s(shape)], {}, { shape, dtype: x.dtype });
}

/** The axes in the order of `order`. */
export function transpose(x: Value, order: readonly number[]): Value {
  if (order.every((axis, i) => axis === i)) return x;
  const shape = order.map((axis) => x.shape[axis]!);
  if (isSplat(x)) return x.graph.splat(x.value, { shape, dtype: x.dtype });
  if (x.op === "Transpose") {
    const inner = x.attributes.perm as readonly number[];
    return transpose(
      x.inputs[0]!,
      order.map((axis) => inner[axis]!),
    );
  }
  return x.graph.node("Transpose", [x], { perm: order }, { shape, dtype: x.dtype });
}

/** Repeated along axes of length 1 up to `shape`. */
export function expand(x: Value, shape: readonly number[]): Value {
  const target = broadcastShape(x.shape, shape);
  if (sameShape(x.shape, target)) return x;
  if (isSplat(x)) return x.graph.splat(x.value, { shape: target, dtype: x.dtype });
  if (x.op === "Expand") return expand(x.inputs[0]!, target);
  return x.graph.node("Expand", [x, x.graph.int64s(target)], {}, { shape: target, dtype: x.dtype });
}

/** The block of `size` at `begin`. */
export function slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (sameShape(x.shape, size)) return x;
  if (isSplat(x)) return x.graph.splat(x.value, { shape: size, dtype: x.dtype });
  const { graph } = x;
  const ends = begin.map((start, axis) => start + size[axis]!);
  return graph.node("Slice", [x, graph.int64s(begin), graph.int64s(ends)], {}, { shape: size, dtype: x.dtype });
}

/** `paddings[axis]` elements of `value` before and after. */
export function pad(x: Value, paddings: readonly (readonly [number, number])[], value: number): Value {
  const shape = x.shape.map((length, axis) => length + paddings[axis]![0] + paddings[axis]![1]);
  if (sameShape(shape, x.shape)) return x;
  const { graph } = x;
  const amounts = graph.int64s([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return graph.node("Pad", [x, amounts, graph.scalar(value, x.dtype)], {}, { shape, dtype: x.dtype });
}

/** One after the other along an axis. */
export function concatenate(parts: readonly Value[], axis: number): Value {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const shape = first.shape.with(
    axis,
    parts.reduce((length, part) => length + part.shape[axis]!, 0),
  );
  return first.graph.node("Concat", parts, { axis }, { shape, dtype: first.dtype });
}

/** Cut along an axis into parts of these lengths. */
export function split(x: Value, lengths: readonly number[], axis: number): Value[] {
  const types = lengths.map((length) => ({ shape: x.shape.with(axis, length), dtype: x.dtype }));
  return x.graph.results("Split", [x, x.graph.int64s(lengths)], { axis }, types);
}

/** Repeated `repeats[axis]` times along each axis. */
export function tile(x: Value, repeats: readonly number[]): Value {
  const shape = x.shape.map((length, axis) => length * repeats[axis]!);
  if (x.shape.every((length, axis) => repeats[axis] === 1 || length === 1)) return expand(x, shape);
  return x.graph.node("Tile", [x, x.graph.int64s(repeats)], {}, { shape, dtype: x.dtype });
}

/** Without an axis of length 1, or with one more. */
export const withoutAxis = (shape: readonly number[], axis: number): number[] => shape.filter((_, i) => i !== axis);
export const withAxis = (shape: readonly number[], axis: number): number[] => [
  ...shape.slice(0, axis),
  1,
  ...shape.slice(axis),
];
