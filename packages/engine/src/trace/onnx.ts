/**
 * The few protobuf messages of an ONNX model, written by hand: fields by number as onnx.proto3 (IR version 8) has them.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
import { ONNX_TYPE } from "./build/cast.ts";
import type { Attribute, Attributes, ConstantData, TensorType } from "./graph.ts";

const OPSET = 17; // the newest with LayerNormalization and before ReduceMean and ReduceMax take their axes as an operand
const IR_VERSION = 8;
const CONTRIBUTED = "com.microsoft";

/** A message, or a part of one. */
export type Bytes = Uint8Array;

/** One operator: names of its operands ("" for one left out) and of its results. */
export function node(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes): Bytes {
  const [domain, name] = op.includes(":") ? (op.split(":") as [string, string]) : ["", op];
  return join([
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, `${name} ${outputs[0]}`), // shown by onnxruntime's profiler
    text(4, name),
    ...Object.entries(attributes).map(([key, value]) => field(5, attribute(key, value))),
    ...(domain ? [text(7, domain)] : []),
  ]);
}

/** Name, type and shape of an input or an output. */
export function declaration(name: string, { shape, dtype }: TensorType): Bytes {
  const dimensions = join(shape.map((length) => field(1, integer(1, length))));
  return join([text(1, name), field(2, field(1, join([integer(1, ONNX_TYPE[dtype]), field(2, dimensions)])))]);
}

/** A constant with its data. */
export function initializer(name: string, { shape, dtype }: TensorType, data: ConstantData): Bytes {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return join([
    ...shape.map((length) => integer(1, length)),
    integer(2, ONNX_TYPE[dtype]),
    text(8, name),
    field(9, raw),
  ]);
}

/** The whole model. */
export function model(parts: { nodes: Bytes[]; initializers: Bytes[]; inputs: Bytes[]; outputs: Bytes[] }): Bytes {
  const graph = join([
    ...parts.nodes.map((bytes) => field(1, bytes)),
    text(2, "propria"),
    ...parts.initializers.map((bytes) => field(5, bytes)),
    ...parts.inputs.map((bytes) => field(11, bytes)),
    ...parts.outputs.map((bytes) => field(12, bytes)),
  ]);
  const opset = (domain: string, version: number) => field(8, join([text(1, domain), integer(2, version)]));
  return join([integer(1, IR_VERSION), field(7, graph), opset("", OPSET), opset(CONTRIBUTED, 1)]);
}

/** Codes of AttributeProto.AttributeType. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

function attribute(name: string, value: Attribute): Bytes {
  if (typeof value === "number") return join([text(1, name), integer(3, value), integer(20, INT)]);
  if (typeof value === "string") return join([text(1, name), text(4, value), integer(20, STRING)]);
  if ("float" in value) return join([text(1, name), float(2, value.float), integer(20, FLOAT)]);
  return join([text(1, name), ...value.map((each) => integer(8, each)), integer(20, INTS)]);
}

/** Wire types of protobuf: 0 a varint, 2 bytes behind their length, 5 four bytes. */
const integer = (number: number, value: number): Bytes => join([varint(number << 3), varint(value)]);
const field = (number: number, bytes: Bytes): Bytes => join([varint((number << 3) | 2), varint(bytes.length), bytes]);
const text = (number: number, value: string): Bytes => field(number, new TextEncoder().encode(value));

function float(number: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return join([varint((number << 3) | 5), bytes]);
}

function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value)); // negative numbers take all ten bytes
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest ? low | 0x80 : low);
  } while (rest);
  return Uint8Array.from(bytes);
}

function join(parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
