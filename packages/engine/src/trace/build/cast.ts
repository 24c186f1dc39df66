import { type ElementType, isSplat, type Value } from "../graph.ts";

/** The same values in another type. */
export function cast(x: Value, dtype: ElementType): Value {
  if (x.dtype === dtype) return x;
  if (isSplat(x)) return x.graph.splat(dtype === "bool" ? Number(x.value !== 0) : x.value, { shape: x.shape, dtype });
  return x.graph.node("Cast", [x], { to: ONNX_TYPE[dtype] }, { shape: x.shape, dtype });
}

/** Codes of ONNX' TensorProto.DataType. */
export const ONNX_TYPE: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
