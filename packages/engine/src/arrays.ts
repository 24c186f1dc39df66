import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/** A dense array in row-major order, int32 or float32 by the class of `data`. A shape known to the compiler types its tensor. */
export interface NdArray<Shape extends readonly number[] = readonly number[]> {
  data: Int32Array | Float32Array;
  shape: Shape;
}

/** Named arrays, nested as a collate function likes: `{ query: { inputIds, attentionMask }, labels }`. */
export interface Batch {
  readonly [name: string]: NdArray | Batch;
}

/** A batch as the step function sees it: the same tree with a tensor in each array's place. */
export type OnDevice<B> =
  B extends NdArray<infer Shape>
    ? Shape extends readonly [number]
      ? Tensor1D
      : Shape extends readonly [number, number]
        ? Tensor2D
        : Tensor
    : { readonly [Name in keyof B]: OnDevice<B[Name]> };

/** The element type by tfjs' name. */
export type DataType = "int32" | "float32";

/** What compiling needs to know of an array. */
export interface ArraySpec {
  shape: readonly number[];
  dtype: DataType;
}

/** `"int32"` or `"float32"`, by the class of the array's data. */
export const dataTypeOf = (array: NdArray): DataType => (array.data instanceof Int32Array ? "int32" : "float32");

/** Number of elements of a shape; 1 for a scalar's. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/**
 * The arrays of a batch by dotted path (`query.inputIds`), in a stable order.
 *
 * @throws {Error} When an array's data is not as long as its shape says, or is neither int32 nor float32.
 */
export function leaves(batch: Batch): Map<string, NdArray> {
  const found = new Map<string, NdArray>();
  const visit = (tree: Batch, prefix: string): void => {
    for (const name of Object.keys(tree).sort()) {
      const branch = tree[name]!;
      const path = prefix + name;
      if (isArray(branch)) found.set(path, checked(branch, path));
      else visit(branch, `${path}.`);
    }
  };
  visit(batch, "");
  return found;
}

/** The tree of `batch` with `make(path, array)` in each array's place. */
export function mapLeaves<T>(batch: Batch, make: (path: string, array: NdArray) => T): Record<string, unknown> {
  const visit = (tree: Batch, prefix: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(tree).map(([name, branch]) => [
        name,
        isArray(branch) ? make(prefix + name, branch) : visit(branch, `${prefix + name}.`),
      ]),
    );
  return visit(batch, "");
}

/** What each array of a batch looks like, by path. */
export const specs = (batch: Batch): Map<string, ArraySpec> =>
  new Map([...leaves(batch)].map(([path, array]) => [path, { shape: array.shape, dtype: dataTypeOf(array) }]));

/** Equal for batches of equal names, types and shapes: the key under which a compiled step is kept. */
export const signature = (batch: Batch): string =>
  [...leaves(batch)].map(([path, array]) => `${path}:${dataTypeOf(array)}[${array.shape.join()}]`).join(" ");

function isArray(branch: NdArray | Batch): branch is NdArray {
  return ArrayBuffer.isView(branch.data) && Array.isArray(branch.shape);
}

function checked(array: NdArray, path: string): NdArray {
  const { data, shape } = array;
  if (!(data instanceof Int32Array || data instanceof Float32Array))
    throw new Error(`batch.${path}: expected an Int32Array or a Float32Array`);
  if (data.length !== sizeOf(shape))
    throw new Error(`batch.${path}: shape [${shape.join()}] has ${sizeOf(shape)} elements, data has ${data.length}`);
  return array;
}
