import { sizeOf } from "../arrays.ts";
import type { ConstantData, ElementType, Value } from "./graph.ts";
import { isSplat, sameShape } from "./graph.ts";
import * as onnx from "./onnx.ts";

/** A graph as an ONNX model. */
export interface Emitted {
  model: Uint8Array;
  /** The inputs that the outputs depend on, by name. */
  inputs: ReadonlyMap<string, Value>;
  outputs: ReadonlyMap<string, Value>;
  nodeCount: number;
}

/** Writes what the named outputs depend on, and nothing else of the graph. */
export function emit(outputs: ReadonlyMap<string, Value>): Emitted {
  const order = inOrder([...outputs.values()]);
  const products = scaledProducts(order, outputs);
  const names = nameValues(order, outputs);
  const nameOf = (value: Value): string => names.get(value)!;
  const parts = { nodes: [] as Uint8Array[], initializers: [] as Uint8Array[], inputs: [] as Uint8Array[] };
  const inputs = new Map<string, Value>();

  for (const value of order) {
    const name = nameOf(value);
    const product = products.byScaled.get(value);
    if (products.absorbed.has(value) || value.op === "result") continue;
    if (value.op === "input") {
      inputs.set(value.name!, value);
      parts.inputs.push(onnx.declaration(name, value));
    } else if (value.op === "constant") {
      parts.initializers.push(onnx.initializer(name, value, value.data!));
    } else if (isSplat(value)) {
      emitSplat(value, name, parts);
    } else if (product) {
      const alpha = { float: (value.inputs[1] as { value: number }).value };
      const attributes = { transA: 0, transB: 0, ...product.attributes, alpha };
      parts.nodes.push(onnx.node("com.microsoft:FusedMatMul", product.inputs.map(nameOf), [name], attributes));
    } else {
      const results = value.results?.map((_, i) => resultName(name, i)) ?? [name];
      parts.nodes.push(onnx.node(value.op, value.inputs.map(nameOf), results, value.attributes));
    }
  }
  for (const [name, value] of outputs)
    if (nameOf(value) !== name) parts.nodes.push(onnx.node("Identity", [nameOf(value)], [name], {}));

  const declared = [...outputs].map(([name, value]) => onnx.declaration(name, value));
  return { model: onnx.model({ ...parts, outputs: declared }), inputs, outputs, nodeCount: parts.nodes.length };
}

/** Every value before those that use it; without recursion, since a deep model's graph is thousands of nodes deep. */
function inOrder(roots: readonly Value[]): Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>();
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ value: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.value.inputs[top.next++];
      if (!input) {
        order.push(top.value);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ value: input, next: 0 });
      }
    }
  }
  return order;
}

/** Matrix products that are only used times a number: the product takes the number as its `alpha`. */
function scaledProducts(order: readonly Value[], outputs: ReadonlyMap<string, Value>) {
  const uses = new Map<Value, number>();
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const value of order) value.inputs.forEach(use);
  for (const value of outputs.values()) use(value);

  const byScaled = new Map<Value, Value>();
  const absorbed = new Set<Value>();
  for (const value of order) {
    const [product, factor] = value.inputs;
    if (value.op !== "Mul" || !product || !factor || !isSplat(factor) || factor.shape.length > 0) continue;
    const isProduct = product.op === "MatMul" || product.op === "com.microsoft:FusedMatMul";
    if (!isProduct || uses.get(product) !== 1 || !sameShape(product.shape, value.shape)) continue;
    byScaled.set(value, product);
    absorbed.add(product);
  }
  return { byScaled, absorbed };
}

/** An output has its own name where it can: where it is computed, and by one name only. */
function nameValues(order: readonly Value[], outputs: ReadonlyMap<string, Value>): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const value of order) {
    if (value.op === "input") names.set(value, value.name!);
    else if (value.op === "result") names.set(value, resultName(names.get(value.inputs[0]!)!, value.index!));
    else names.set(value, `v${value.id}`);
  }
  for (const [name, value] of outputs) {
    const computed = !["input", "result", "constant", "splat"].includes(value.op);
    if (computed && names.get(value) === `v${value.id}`) names.set(value, name);
  }
  return names;
}

const resultName = (name: string, index: number): string => `${name}_${index}`;

const NUMBER: Readonly<Record<ElementType, (value: number) => ConstantData>> = {
  float32: (value) => Float32Array.of(value),
  int32: (value) => Int32Array.of(value),
  int64: (value) => BigInt64Array.of(BigInt(value)),
  bool: (value) => Uint8Array.of(value),
};

/** One number is stored; many equal ones are expanded when they are needed. */
function emitSplat(value: Value, name: string, parts: { nodes: Uint8Array[]; initializers: Uint8Array[] }): void {
  const { shape, dtype } = value;
  const number = NUMBER[dtype](value.value!);
  if (sizeOf(shape) === 1) {
    parts.initializers.push(onnx.initializer(name, { shape, dtype }, number));
    return;
  }
  const dimensions = BigInt64Array.from(shape.map(BigInt));
  parts.initializers.push(
    onnx.initializer(`${name}_number`, { shape: [], dtype }, number),
    onnx.initializer(`${name}_shape`, { shape: [shape.length], dtype: "int64" }, dimensions),
  );
  parts.nodes.push(onnx.node("Expand", [`${name}_number`, `${name}_shape`], [name], {}));
}
