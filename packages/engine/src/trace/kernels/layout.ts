import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../arrays.ts";
import { concatenate, pad, reshape, slice, split, tile, transpose, withAxis, withoutAxis } from "../build/layout.ts";
import type { ElementType } from "../graph.ts";
import { axesOf, type TracedKernels } from "./kernel.ts";

/** Shapes, axes and order of elements; nothing is computed. */
export const layout: TracedKernels = {
  Reshape: ({ inputs: { x }, attributes: { shape } }) =>
    reshape(x!, tf.util.inferFromImplicitShape(shape as number[], sizeOf(x!.shape))),
  ExpandDims: ({ inputs: { input }, attributes: { dim } }) => {
    const axis = Number(dim);
    return reshape(input!, withAxis(input!.shape, axis < 0 ? axis + input!.shape.length + 1 : axis));
  },
  Transpose: ({ inputs: { x }, attributes: { perm } }) => transpose(x!, perm as number[]),
  Slice: ({ inputs: { x }, attributes }) => {
    const [begin, size] = tf.slice_util.parseSliceParams(
      { shape: [...x!.shape] } as tf.TensorInfo,
      attributes.begin as number | number[],
      attributes.size as number | number[],
    );
    return slice(x!, begin as number[], size as number[]);
  },
  PadV2: ({ inputs: { x }, attributes: { paddings, constantValue } }) =>
    pad(x!, paddings as [number, number][], Number(constantValue)),
  Concat: ({ list, attributes: { axis } }) => concatenate(list, axesOf(axis, list[0]!.shape.length)[0]!),
  Pack: ({ list, attributes: { axis } }) => {
    const at = axesOf(axis, list[0]!.shape.length + 1)[0]!;
    return concatenate(
      list.map((part) => reshape(part, withAxis(part.shape, at))),
      at,
    );
  },
  Unpack: ({ inputs: { value }, attributes: { axis } }) => {
    const at = axesOf(axis, value!.shape.length)[0]!;
    const parts = split(value!, Array<number>(value!.shape[at]!).fill(1), at);
    return parts.map((part) => reshape(part, withoutAxis(part.shape, at)));
  },
  SplitV: ({ inputs: { x }, attributes: { numOrSizeSplits, axis } }) => {
    const at = axesOf(axis, x!.shape.length)[0]!;
    const asTensor = { shape: [...x!.shape] } as tf.Tensor;
    return split(x!, tf.backend_util.prepareSplitSize(asTensor, numOrSizeSplits as number[], at), at);
  },
  Tile: ({ inputs: { x }, attributes: { reps } }) => tile(x!, reps as number[]),
  Fill: ({ attributes: { shape, value, dtype = "float32" }, graph }) =>
    graph.splat(Number(value), { shape: shape as number[], dtype: dtype as ElementType }),
  ZerosLike: ({ inputs: { x } }) => x!.graph.splat(0, x!),
  OnesLike: ({ inputs: { x } }) => x!.graph.splat(1, x!),
  Range: ({ attributes: { start, stop, step, dtype = "float32" }, graph }) => {
    const [from, to, by] = [Number(start), Number(stop), Number(step)];
    const length = Math.max(0, Math.ceil((to - from) / by));
    const data = Float32Array.from({ length }, (_, i) => from + i * by);
    const type = { shape: [length], dtype: dtype as ElementType };
    return graph.constant(dtype === "int32" ? Int32Array.from(data) : data, type);
  },
};
