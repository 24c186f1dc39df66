import { sizeOf } from "../arrays.ts";
import type { ParameterStore } from "../parameter-store.ts";
import type { Value } from "./graph.ts";
import type { TracedGradient } from "./trace.ts";

/** Sparse gradients: rows that the graph returns and that are added to the store outside of it. */
export interface RowAdditions {
  /** What the graph must return for it. */
  outputs: ReadonlyMap<string, Value>;
  /** Where it is returned to. */
  buffers: ReadonlyMap<string, Float32Array | Int32Array>;
  /** Adds what was returned to the gradients, always in the same order. */
  apply(): void;
}

/** The row additions of these gradients. A gradient without a dense part starts from 0, or from what it is when they accumulate. */
export function rowAdditions(
  gradients: readonly TracedGradient[],
  store: ParameterStore,
  { accumulate = false }: { accumulate?: boolean | undefined } = {},
): RowAdditions {
  const outputs = new Map<string, Value>();
  const buffers = new Map<string, Float32Array | Int32Array>();
  const steps: (() => void)[] = [];
  for (const { name, dense, additions } of gradients) {
    const target = store.gradient(name);
    if (!dense && !accumulate) steps.push(() => target.fill(0));
    for (const [i, addition] of additions.entries()) {
      const rows = new Float32Array(sizeOf(addition.rows.shape));
      const indices = new Int32Array(sizeOf(addition.indices.shape));
      outputs.set(`rows ${name} ${i}`, addition.rows).set(`indices ${name} ${i}`, addition.indices);
      buffers.set(`rows ${name} ${i}`, rows).set(`indices ${name} ${i}`, indices);
      steps.push(() => addRows(target, rows, indices));
    }
  }
  return {
    outputs,
    buffers,
    apply: () => {
      for (const step of steps) step();
    },
  };
}

function addRows(target: Float32Array, rows: Float32Array, indices: Int32Array): void {
  const width = rows.length / indices.length;
  for (let i = 0; i < indices.length; i++) {
    const to = indices[i]! * width;
    const from = i * width;
    for (let j = 0; j < width; j++) target[to + j]! += rows[from + j]!;
  }
}
