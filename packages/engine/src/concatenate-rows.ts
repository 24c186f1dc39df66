import { PropriaError } from "@propria/base";
import { type NdArray, sizeOf } from "./arrays.ts";

/**
 * Arrays by name, each of all `parts` one after the other along the first axis.
 *
 * @throws {PropriaError} `VECTOR_SHAPES` when parts differ in another axis than the first, or have none.
 */
export function concatenateRows(parts: readonly Record<string, NdArray>[]): Record<string, NdArray> {
  const names = Object.keys(parts[0]!);
  return Object.fromEntries(names.map((name) => [name, concatenated(name, parts)]));
}

function concatenated(name: string, parts: readonly Record<string, NdArray>[]): NdArray {
  const arrays = parts.map((part) => part[name]!);
  const { data: first, shape } = arrays[0]!;
  const refuse = (what: string): never => {
    throw new PropriaError("VECTOR_SHAPES", `vectors.${name} ${what}`, {
      mend: "put the examples on the first axis, and keep the others of one length whatever examples share a chunk",
    });
  };
  if (shape.length === 0) refuse("is a scalar: it has no axis of examples");
  const [, ...width] = shape;
  const other = arrays.find((array) => array.shape.slice(1).join() !== width.join());
  if (other) refuse(`has shape [${other.shape.join()}] in one chunk and [${shape.join()}] in another`);
  const rows = arrays.reduce((sum, array) => sum + array.shape[0]!, 0);
  const size = rows * sizeOf(width);
  const data = first instanceof Float32Array ? new Float32Array(size) : new Int32Array(size);
  let at = 0;
  for (const array of arrays) {
    data.set(array.data, at);
    at += array.data.length;
  }
  return { data, shape: [rows, ...width] };
}
