import { largest, locate, type Reduction, reduce, runningSum } from "../build/reduce.ts";
import { axesOf, type TracedKernel, type TracedKernels } from "./kernel.ts";

/** tfjs names the axes `axis` in most kernels and `reductionIndices` in Max. */
const reduction =
  (op: Reduction): TracedKernel =>
  ({ inputs: { x }, attributes: { axis, reductionIndices, keepDims } }) =>
    reduce(op, x!, axesOf(axis ?? reductionIndices, x!.shape.length), Boolean(keepDims));

const place =
  (op: "ArgMax" | "ArgMin"): TracedKernel =>
  ({ inputs: { x }, attributes: { axis } }) =>
    locate(op, x!, axesOf(axis, x!.shape.length)[0]!);

/** Elements joined along axes. */
export const reductions: TracedKernels = {
  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  ArgMax: place("ArgMax"),
  ArgMin: place("ArgMin"),
  TopK: ({ inputs: { x }, attributes: { k, sorted } }) => largest(x!, Number(k), Boolean(sorted)),
  Cumsum: ({ inputs: { x }, attributes: { axis, exclusive, reverse } }) =>
    runningSum(x!, axesOf(axis, x!.shape.length)[0]!, { exclusive: Boolean(exclusive), reverse: Boolean(reverse) }),
  Softmax: ({ inputs: { logits }, attributes: { dim } }) =>
    logits!.graph.node("Softmax", [logits!], { axis: Number(dim) }, logits!),
  LogSoftmax: ({ inputs: { logits }, attributes: { axis } }) =>
    logits!.graph.node("LogSoftmax", [logits!], { axis: Number(axis) }, logits!),
};
