import { PropriaError } from "@propria/base";
import { cast } from "../build/cast.ts";
import { addRows, gather, rowIndices } from "../build/rows.ts";
import type { ElementType } from "../graph.ts";
import { axesOf, type TracedKernels } from "./kernel.ts";

/** Reading and adding by index. */
export const rows: TracedKernels = {
  GatherV2: ({ inputs: { x, indices }, attributes: { axis, batchDims = 0 } }) => {
    if (batchDims !== 0)
      throw new PropriaError("NO_KERNEL", "GatherV2 with batchDims has no kernel under tracing", {
        mend: "flatten the batch axes into the index and gather rows",
      });
    return gather(x!, indices!, axesOf(axis, x!.shape.length)[0]!);
  },
  UnsortedSegmentSum: ({ inputs: { x, segmentIds }, attributes: { numSegments } }) => {
    const shape = [Number(numSegments), ...x!.shape.slice(segmentIds!.shape.length)];
    const zeros = x!.graph.splat(0, { shape, dtype: x!.dtype });
    return addRows(zeros, rowIndices(segmentIds!), x!);
  },
  OneHot: ({ inputs: { indices }, attributes: { depth, onValue, offValue, dtype = "int32" }, graph }) => {
    // onnxruntime has the operator for few types: int64 indices and float32 values are among them.
    const shape = [...indices!.shape, Number(depth)];
    const values = graph.constant(Float32Array.of(Number(offValue), Number(onValue)), { shape: [2], dtype: "float32" });
    const operands = [cast(indices!, "int64"), graph.scalar(Number(depth), "int64"), values];
    return cast(graph.node("OneHot", operands, { axis: -1 }, { shape, dtype: "float32" }), dtype as ElementType);
  },
};
