import { cast } from "../build/cast.ts";
import { reshape } from "../build/layout.ts";
import type { TracedKernels } from "./kernel.ts";

/** What only this backend computes in one go; `ops/fused.ts` lists the names. */
export const fused: TracedKernels = {
  /** x `[N, H]`, weight and bias `[H]` -> normalised `[N, H]`, means `[N, 1]`, inverse standard deviations `[N, 1]`. */
  FusedLayerNorm: ({ inputs: { x, weight, bias }, attributes: { epsilon }, graph }) => {
    const column = { shape: [x!.shape[0]!, 1], dtype: x!.dtype };
    const attributes = { axis: -1, epsilon: { float: Number(epsilon) } };
    return graph.results("LayerNormalization", [x!, weight!, bias!], attributes, [x!, column, column]);
  },
  FusedGelu: ({ inputs: { x }, graph }) => graph.node("com.microsoft:Gelu", [x!], {}, x!),
  /** x `[N, C]`, columns int32 `[N]` -> x[i, columns[i]] `[N]`. */
  PickColumns: ({ inputs: { x, columns }, graph }) => {
    const rows = x!.shape[0]!;
    const index = cast(reshape(columns!, [rows, 1]), "int64");
    const picked = graph.node("GatherElements", [x!, index], { axis: 1 }, { shape: [rows, 1], dtype: x!.dtype });
    return reshape(picked, [rows]);
  },
};
