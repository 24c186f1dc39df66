import type { Graph, Value } from "../graph.ts";

/** A tfjs kernel under tracing: from the nodes of its inputs to the node, or nodes, of its result. */
export type TracedKernel = (call: KernelCall) => Value | Value[];

/** One call of a kernel. */
export interface KernelCall {
  /** Inputs by tfjs' name. */
  inputs: Readonly<Record<string, Value>>;
  /** Inputs in order, for kernels that take a list. */
  list: readonly Value[];
  /** tfjs' attributes; what they are depends on the kernel. */
  attributes: Readonly<Record<string, unknown>>;
  graph: Graph;
}

/** Kernels by tfjs' name. */
export type TracedKernels = Readonly<Record<string, TracedKernel>>;

/** Axes as tfjs gives them (a number, several, negative ones, or nothing for all) as a list of axes from 0. */
export function axesOf(axis: unknown, rank: number): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  const axes = Array.isArray(axis) ? (axis as number[]) : [axis as number];
  return axes.map((each) => (each < 0 ? each + rank : each));
}
