import type { Value } from "../graph.ts";

/**
 * `sum + value`, of equal shapes, where both `sum` and the result are one place in memory: nothing else may read `sum`, and the node
 * made here reads each element of it before writing it. A matrix product is computed right on top of the sum.
 */
export function accumulate(sum: Value, value: Value): Value {
  const isProduct = value.op === "MatMul" || value.op === "com.microsoft:FusedMatMul";
  if (!isProduct || value.shape.length !== 2 || value.inputs.some(({ shape }) => shape.length !== 2))
    return value.graph.node("Add", [sum, value], {}, value);
  const { transA = 0, transB = 0 } = value.attributes;
  return value.graph.node("Gemm", [...value.inputs, sum], { transA, transB }, value);
}
