import { PropriaError } from "@propria/base";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { ArraySpec, NdArray } from "./arrays.ts";
import type { ParameterStore, Weights } from "./parameter-store.ts";
import type { Dropout, Parameters } from "./scope.ts";

/** A loss as a step function returns it, and its named parts for the log. */
export interface Loss {
  loss: Scalar;
  parts?: Record<string, Scalar>;
}

/** What is compiled for one signature: array specs by path, and the function from tensors by the same paths. */
export interface GradientTask {
  inputs: ReadonlyMap<string, ArraySpec>;
  store: ParameterStore;
  /** Paths of float32 inputs whose gradients are returned. */
  inputGradients?: readonly string[];
  /** Adds gradients to those that the store holds, in place of overwriting them; the loss may then depend on no parameter. */
  accumulate?: boolean;
  loss(parameters: Parameters, inputs: ReadonlyMap<string, Tensor>, dropout: Dropout): Loss;
}

/** Likewise for a pass without gradients. */
export interface ForwardTask {
  inputs: ReadonlyMap<string, ArraySpec>;
  weights: Weights;
  run(parameters: Parameters, inputs: ReadonlyMap<string, Tensor>, dropout: Dropout): Record<string, Tensor>;
}

/** The shape and rate of each dropout site, in order of use. */
export interface DropoutSite {
  shape: readonly number[];
  rate: number;
}

/** Fills the masks of sites `first`, `first + 1`, …; the arrays are valid until the next call. */
export type MaskSource = (first: number, sites: readonly DropoutSite[]) => Float32Array[];

/** What a run gives beside the parameters' gradients, which go to the store. */
export interface Gradients {
  loss: number;
  parts: Record<string, number>;
  /** The gradients of the inputs asked for that the loss depends on; valid until the next run. */
  inputGradients: ReadonlyMap<string, Float32Array>;
}

/** A loss and its gradients, compiled. */
export interface GradientProgram {
  /** Names of the parameters that the loss depends on and that are trainable: their gradients are written to the store. */
  readonly trained: readonly string[];
  run(inputs: ReadonlyMap<string, NdArray>, masks: MaskSource): Promise<Gradients>;
  release(): Promise<void>;
}

/** A pass without gradients, compiled. */
export interface ForwardProgram {
  /** Masks are for a pass that drops out. */
  run(inputs: ReadonlyMap<string, NdArray>, masks?: MaskSource): Promise<Record<string, NdArray>>;
  release(): Promise<void>;
}

/** What runs step functions. One thread owns a backend and everything compiled on it. */
export interface Backend {
  readonly name: BackendName;
  /** Threads of one operation. */
  readonly threads: number;
  compileGradients(task: GradientTask): Promise<GradientProgram>;
  compileForward(task: ForwardTask): Promise<ForwardProgram>;
}

/** `onnx`: traced once for each shape, run by onnxruntime. `cpu`: tfjs' plain JavaScript, op by op; the reference in tests. */
export type BackendName = "onnx" | "cpu";

/** How a backend runs. */
export interface BackendOptions {
  /** Threads of one operation; by default one for each core that this process may use. */
  threads?: number | undefined;
  /**
   * `"fast"`, the default, keeps what a compiled shape needed for its next run; `"small"` gives it back, so that many shapes need no more
   * than the largest, for steps that take about a tenth longer. The results are the same bits.
   */
  memory?: "fast" | "small" | undefined;
}

/**
 * Opens a backend; native code loads here and not before.
 *
 * @throws {PropriaError} `BACKEND_UNKNOWN` for another name; `BACKEND_UNAVAILABLE` when onnxruntime-node does not load.
 */
export async function openBackend(name: BackendName = "onnx", options: BackendOptions = {}): Promise<Backend> {
  switch (name) {
    case "onnx": {
      const { openOnnx } = await import("./trace/onnx-backend.ts");
      return openOnnx(options);
    }
    case "cpu": {
      const { openEager } = await import("./eager/eager-backend.ts");
      return openEager();
    }
    default:
      throw new PropriaError("BACKEND_UNKNOWN", `no backend ${JSON.stringify(name)}`, { mend: "one of: onnx, cpu" });
  }
}
