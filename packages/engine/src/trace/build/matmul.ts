import { broadcastShape, shapesDiffer, type Value } from "../graph.ts";

/**
 * The product of the last two axes, either operand transposed. A transposition of an operand that swaps its last two axes is
 * taken into the product, which costs nothing there.
 */
export function matmul(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  if (swapsLastAxes(a)) return matmul(a.inputs[0]!, b, !transposeA, transposeB);
  if (swapsLastAxes(b)) return matmul(a, b.inputs[0]!, transposeA, !transposeB);
  const [inner, other] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
  if (inner !== other) throw shapesDiffer("a product", a.shape, b.shape, `${inner} and ${other}`);
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  const type = { shape, dtype: a.dtype };
  if (!transposeA && !transposeB) return a.graph.node("MatMul", [a, b], {}, type);
  const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
  return a.graph.node("com.microsoft:FusedMatMul", [a, b], attributes, type);
}

function swapsLastAxes({ op, attributes }: Value): boolean {
  if (op !== "Transpose") return false;
  const order = attributes.perm as readonly number[];
  const rank = order.length;
  return order.every((axis, i) => axis === (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2));
}
