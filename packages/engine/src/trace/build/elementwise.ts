import { broadcastShape, isSplat, isSplatOf, sameShape, type Value } from "../graph.ts";
import { expand, reshape } from "./layout.ts";
import { addRows, isRowSum } from "./rows.ts";

/** Operators of two operands that keep their type. */
export type BinaryOperator = "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Max" | "Min";

/** `a op b` with broadcasting, simplified. */
export function binary(op: BinaryOperator, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  const type = { shape, dtype: a.dtype };
  if (isSplat(a) && isSplat(b) && a.dtype === "float32") return a.graph.splat(FOLD[op](a.value, b.value), type);
  const left = narrowed(a, b, shape);
  const right = narrowed(b, left, shape);
  return simplified(op, left, right, shape) ?? a.graph.node(op, [left, right], {}, type);
}

export const add = (a: Value, b: Value): Value => binary("Add", a, b);
export const subtract = (a: Value, b: Value): Value => binary("Sub", a, b);
export const multiply = (a: Value, b: Value): Value => binary("Mul", a, b);

/** `a × number`. */
export const scaled = (a: Value, number: number): Value => multiply(a, a.graph.scalar(number, a.dtype));

/** Operators of one operand that keep shape and type. */
export function unary(op: string, x: Value): Value {
  if (op === "Neg" && x.dtype === "float32") {
    if (x.op === "Neg") return x.inputs[0]!;
    if (isSplat(x)) return x.graph.splat(-x.value, x);
    if (x.op === "Mul" && isSplat(x.inputs[1]!)) return scaled(x.inputs[0]!, -x.inputs[1].value);
  }
  if (op === "Sqrt" && isSplat(x)) return x.graph.splat(Math.sqrt(x.value), x);
  if (op === "Reciprocal" && isSplat(x)) return x.graph.splat(1 / x.value, x);
  return x.graph.node(op, [x], {}, x);
}

/** A comparison or a logical operator: bool. */
export const compare = (op: string, a: Value, b: Value): Value =>
  a.graph.node(op, [a, b], {}, { shape: broadcastShape(a.shape, b.shape), dtype: "bool" });

/** `a` where the condition holds, `b` elsewhere. */
export const where = (condition: Value, a: Value, b: Value): Value =>
  a.graph.node(
    "Where",
    [condition, a, b],
    {},
    {
      shape: broadcastShape(broadcastShape(condition.shape, a.shape), b.shape),
      dtype: a.dtype,
    },
  );

const FOLD: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
};

/** ONNX broadcasts by itself: an operand is not expanded first, and a splat is fed as a scalar. */
function narrowed(x: Value, other: Value, shape: readonly number[]): Value {
  if (x.op === "Expand" && sameShape(broadcastShape(x.inputs[0]!.shape, other.shape), shape)) return x.inputs[0]!;
  if (isSplat(x) && x.shape.length > 0 && sameShape(other.shape, shape)) return x.graph.scalar(x.value, x.dtype);
  return x;
}

function simplified(op: BinaryOperator, a: Value, b: Value, shape: readonly number[]): Value | undefined {
  if (isSplat(b) && sameShape(a.shape, shape)) return withNumber(op, a, b.value);
  if (isSplat(a) && sameShape(b.shape, shape)) {
    if (op === "Mul" || op === "Add") return binary(op, b, a);
    if (op === "Sub" && a.value === 0) return unary("Neg", b);
  }
  if (op === "Mul" && isSplatOf(a, 1)) return expand(b, shape);
  if (op === "Mul" && isSplatOf(b, 1)) return expand(a, shape);
  if (op === "Add") return biased(a, b, shape) ?? accumulated(a, b, shape) ?? accumulated(b, a, shape);
  return undefined;
}

/** `a op number`, where `a` has the result's shape. */
function withNumber(op: BinaryOperator, a: Value, number: number): Value | undefined {
  if ((op === "Mul" || op === "Div" || op === "Pow") && number === 1) return a;
  if ((op === "Add" || op === "Sub") && number === 0) return a;
  if (a.dtype !== "float32") return undefined;
  if (op === "Pow" && number === 2) return multiply(a, a);
  if (op === "Div") return scaled(a, 1 / number);
  if (op !== "Mul") return undefined;
  if (number === 0) return a.graph.splat(0, a);
  if (a.op === "Expand") return expand(scaled(a.inputs[0]!, number), a.shape); // few numbers are multiplied, not many
  if (a.op === "Reshape") return reshape(scaled(a.inputs[0]!, number), a.shape); // a product below takes the number as its alpha
  if (a.op === "Mul" && isSplat(a.inputs[1]!)) return scaled(a.inputs[0]!, a.inputs[1].value * number);
  if (a.op === "Neg") return scaled(a.inputs[0]!, -number);
  return undefined;
}

/** A matrix product plus a row: one Gemm. */
function biased(product: Value, row: Value, shape: readonly number[]): Value | undefined {
  const isProduct = product.op === "MatMul" || product.op === "com.microsoft:FusedMatMul";
  if (!isProduct || product.shape.length !== 2 || row.shape.length !== 1 || row.shape[0] !== shape[1]) return undefined;
  const { transA = 0, transB = 0 } = product.attributes;
  return product.graph.node("Gemm", [...product.inputs, row], { transA, transB }, product);
}

/** Something plus rows added to zeros: the rows are added to it directly. */
function accumulated(base: Value, sum: Value, shape: readonly number[]): Value | undefined {
  if (!isRowSum(sum) || !isSplatOf(sum.inputs[0]!, 0) || !sameShape(base.shape, shape)) return undefined;
  return addRows(base, sum.inputs[1]!, sum.inputs[2]!);
}
