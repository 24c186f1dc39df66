import { matmul } from "../build/matmul.ts";
import type { TracedKernels } from "./kernel.ts";

/** Matrix products. */
export const matrix: TracedKernels = {
  BatchMatMul: ({ inputs: { a, b }, attributes: { transposeA, transposeB } }) =>
    matmul(a!, b!, Boolean(transposeA), Boolean(transposeB)),
};
