/**
 * A tfjs backend that computes nothing: each kernel adds a node to a graph. A step function runs on it once for each
 * shape; since tfjs gradients are tfjs ops, the backward pass is recorded the same way.
 */
import { PropriaError } from "@propria/base";
import type { DataType } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ConstantData, ElementType, Graph, Value } from "./graph.ts";
import { elementwise } from "./kernels/elementwise.ts";
import { fused } from "./kernels/fused.ts";
import type { TracedKernel, TracedKernels } from "./kernels/kernel.ts";
import { layout } from "./kernels/layout.ts";
import { matrix } from "./kernels/matrix.ts";
import { reductions } from "./kernels/reduction.ts";
import { rows } from "./kernels/rows.ts";

/** tfjs' name of this backend. */
export const TRACING = "propria-trace";

const kernels: TracedKernels = { ...elementwise, ...layout, ...reductions, ...matrix, ...rows, ...fused };

/** Registers the backend with tfjs, once for the process. */
export function registerTracing(): TraceBackend {
  const known = tf.findBackend(TRACING);
  if (known) return known as TraceBackend;
  const backend = new TraceBackend();
  tf.registerBackend(TRACING, () => backend, 0);
  for (const [name, kernel] of Object.entries(kernels)) register(name, backend, kernel);
  for (const name of everyKernelName()) if (!(name in kernels)) register(name, backend, refuse(name));
  return backend;
}

export class TraceBackend extends tf.KernelBackend {
  /** The graph that is being recorded. */
  graph: Graph | undefined;
  readonly #values = new WeakMap<object, Value>();

  /** A tfjs tensor that stands for `value`. */
  tensor(value: Value): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.info(value));
  }

  info(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype as DataType };
  }

  /** The node behind a tensor; a tensor of another backend becomes a constant. */
  value(tensor: tf.TensorInfo): Value {
    const value = this.#values.get(tensor.dataId);
    if (!value) {
      const data = tf.engine().readSync(tensor.dataId);
      return this.#recording().constant(
        typed(data as ArrayLike<number>, tensor.dtype),
        typeOf(tensor.shape, tensor.dtype),
      );
    }
    if (value.graph !== this.graph)
      throw new Error("a tensor of an earlier trace is used: make tensors inside the step function, and keep none");
    return value;
  }

  /** A constant of the user's, `tf.tensor([…])` inside the step function. */
  override write(values: tf.BackendValues, shape: number[], dtype: DataType): object {
    const dataId = {};
    this.#values.set(
      dataId,
      this.#recording().constant(typed(values as ArrayLike<number>, dtype), typeOf(shape, dtype)),
    );
    return dataId;
  }

  override readSync(dataId: object): tf.BackendValues {
    const value = this.#values.get(dataId);
    if (value?.data) return value.data as Float32Array;
    throw new PropriaError("VALUE_WHILE_TRACING", "a tensor's value is read while the step function is traced", {
      mend: "no dataSync(), data() or branch on values in a loss: it runs once for each shape, before there are values",
    });
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  #recording(): Graph {
    if (!this.graph)
      throw new Error("tfjs has no backend to compute on outside a step: open the engine's cpu backend, or set one");
    return this.graph;
  }

  // The garbage collector owns nodes: there is nothing to count or to free.
  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return 0;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
}

function register(kernelName: string, backend: TraceBackend, kernel: TracedKernel): void {
  tf.registerKernel({
    kernelName,
    backendName: TRACING,
    kernelFunc: ({ inputs, attrs }) => {
      const list = Object.values(inputs)
        .flat()
        .filter((tensor) => tensor !== undefined && tensor !== null)
        .map((tensor) => backend.value(tensor));
      const named = Object.fromEntries(
        Object.entries(inputs)
          .filter(([, tensor]) => tensor && !Array.isArray(tensor))
          .map(([name, tensor]) => [name, backend.value(tensor as tf.TensorInfo)]),
      );
      const result = kernel({ inputs: named, list, attributes: { ...attrs }, graph: backend.graph! });
      return Array.isArray(result) ? result.map((value) => backend.info(value)) : backend.info(result);
    },
  });
}

const refuse =
  (name: string): TracedKernel =>
  () => {
    throw new PropriaError("NO_KERNEL", `tfjs op ${name} has no kernel under tracing`, {
      mend: "compose it from other ops, or open the backend cpu",
    });
  };

/** tfjs exports each kernel's name as a constant of the same name: `export const Add = "Add"`. */
function everyKernelName(): string[] {
  return Object.entries(tf).flatMap(([name, value]) =>
    value === name || value === `_${name}` ? [value as string] : [],
  );
}

const typeOf = (shape: readonly number[], dtype: DataType) => ({ shape, dtype: dtype as ElementType });

function typed(values: ArrayLike<number>, dtype: DataType): ConstantData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "bool":
      return Uint8Array.from(values);
    default:
      throw new PropriaError("NO_KERNEL", `tensors of type ${dtype} cannot be traced`, {
        mend: "use float32, int32 or bool",
      });
  }
}
