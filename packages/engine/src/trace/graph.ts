/**
 * What a traced function computes: tensors as nodes of a graph, each made once.
 *
 * Nodes are immutable. Two nodes of the same operator, operands and attributes are one node, so what a function computes twice
 * is computed once. The files in `build/` make nodes and simplify them as they do.
 */
import { PropriaError } from "@propria/base";

/** ONNX element types that a graph uses. */
export type ElementType = "float32" | "int32" | "int64" | "bool";

/** An attribute of an operator. A number is an integer unless it stands in `{ float }`: protobuf tells them apart, JavaScript does not. */
export type Attribute = number | readonly number[] | string | { float: number };

export type Attributes = Readonly<Record<string, Attribute>>;

/** The data of a constant. */
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** What is known of a tensor before it is computed. */
export interface TensorType {
  shape: readonly number[];
  dtype: ElementType;
}

/**
 * A tensor in a graph. `op` is an ONNX operator, `com.microsoft:NAME` for one of onnxruntime's own, or
 * `input` (fed, by `name`), `constant` (`data`), `splat` (`value` everywhere), `result` (output number `index` of a node of several, `results`).
 */
export interface Value extends TensorType {
  readonly id: number;
  readonly graph: Graph;
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly name?: string;
  readonly data?: ConstantData;
  readonly value?: number;
  readonly index?: number;
  readonly results?: readonly TensorType[];
}

/** A splat: one number in every place. */
export type Splat = Value & { readonly op: "splat"; readonly value: number };

export const isSplat = (value: Value): value is Splat => value.op === "splat";

/** True for a splat of this number. */
export const isSplatOf = (value: Value, number: number): boolean => isSplat(value) && value.value === number;

export class Graph {
  readonly #known = new Map<string, Value>();
  #count = 0;

  /** The node of an operator, made or found. */
  node(
    op: string,
    inputs: readonly Value[],
    attributes: Attributes,
    type: TensorType,
    more: Partial<Value> = {},
  ): Value {
    const operands = inputs.map((input) => input.id).join();
    const key = `${op}|${operands}|${JSON.stringify(attributes)}|${type.dtype}|${type.shape.join()}|${more.value}|${more.index}`;
    return this.#known.get(key) ?? this.#remember(key, this.#make(op, inputs, attributes, type, more));
  }

  /** The nodes of the results of an operator that has several. */
  results(op: string, inputs: readonly Value[], attributes: Attributes, results: readonly TensorType[]): Value[] {
    const source = this.node(op, inputs, attributes, { shape: [], dtype: "float32" }, { results });
    return results.map((type, index) => this.node("result", [source], {}, type, { index }));
  }

  /** A tensor that is fed at each run. */
  input(name: string, type: TensorType): Value {
    return this.#make("input", [], {}, type, { name });
  }

  /** A tensor known now; a splat when all its elements are equal. */
  constant(data: ConstantData, { shape, dtype }: TensorType): Value {
    const first = data[0];
    if (data.length > 0 && data.every((element: number | bigint) => Object.is(element, first)))
      return this.splat(Number(first), { shape, dtype });
    return this.#make("constant", [], {}, { shape, dtype }, { data });
  }

  /** A tensor of one number, kept symbolic. */
  splat(value: number, { shape, dtype }: TensorType): Splat {
    return this.node("splat", [], {}, { shape, dtype }, { value }) as Splat;
  }

  scalar(value: number, dtype: ElementType = "float32"): Splat {
    return this.splat(value, { shape: [], dtype });
  }

  /** A constant int64 vector: shapes, axes and bounds are operands in ONNX. */
  int64s(numbers: readonly number[]): Value {
    const key = `int64|${numbers.join()}`;
    return (
      this.#known.get(key) ??
      this.#remember(
        key,
        this.#make(
          "constant",
          [],
          {},
          { shape: [numbers.length], dtype: "int64" },
          { data: BigInt64Array.from(numbers.map(BigInt)) },
        ),
      )
    );
  }

  #make(op: string, inputs: readonly Value[], attributes: Attributes, type: TensorType, more: Partial<Value>): Value {
    return {
      ...more,
      id: this.#count++,
      graph: this,
      op,
      inputs,
      attributes,
      shape: [...type.shape],
      dtype: type.dtype,
    };
  }

  #remember(key: string, value: Value): Value {
    this.#known.set(key, value);
    return value;
  }
}

/** True for equal shapes. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);

/**
 * The shape of an elementwise operator's result.
 *
 * @throws {PropriaError} `SHAPES_DIFFER` when an axis has two lengths and neither is 1.
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const ofA = a[a.length - rank + i] ?? 1;
    const ofB = b[b.length - rank + i] ?? 1;
    if (ofA !== ofB && ofA !== 1 && ofB !== 1)
      throw shapesDiffer("an elementwise operation", a, b, `${ofA} and ${ofB}`);
    return ofA === 1 ? ofB : ofA;
  });
}

/** Two operands that do not go together. tfjs leaves it to the kernels to say so. */
export const shapesDiffer = (
  operation: string,
  a: readonly number[],
  b: readonly number[],
  axes: string,
): PropriaError =>
  new PropriaError("SHAPES_DIFFER", `${operation} of [${a.join()}] and [${b.join()}], where ${axes} should be equal`, {
    mend: "reshape or transpose one of them",
  });
