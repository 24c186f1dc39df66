import { availableParallelism } from "node:os";
import { PropriaError } from "@propria/base";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { NdArray } from "../arrays.ts";
import type { BackendOptions } from "../backend.ts";
import type { ConstantData, TensorType } from "./graph.ts";

/** The parts of onnxruntime-node in use. */
export type OnnxRuntime = typeof import("onnxruntime-node");

/**
 * Loads onnxruntime's native library, with its telemetry off unless the environment has an `ORT_DISABLE_TELEMETRY` already: it keeps a device id
 * and a queue of uploads in the user's cache, and each process leaves an empty `mat-debug-PID.log` in the temporary folder. A worker thread
 * has a copy of the environment that the library does not see, so there the main thread's holds.
 *
 * @throws {PropriaError} `BACKEND_UNAVAILABLE` when it does not load on this machine.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  process.env.ORT_DISABLE_TELEMETRY ??= "1"; // read when the library loads
  try {
    const loaded = (await import("onnxruntime-node")) as OnnxRuntime & { default?: OnnxRuntime };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new PropriaError("BACKEND_UNAVAILABLE", "onnxruntime-node does not load", {
      mend: 'npm i onnxruntime-node@1.30, or open the backend "cpu"',
      cause,
    });
  }
}

/** How sessions run. */
export interface SessionSettings {
  threads: number;
  /** `"small"` gives memory back after each operation instead of keeping it for the next run. */
  memory: "fast" | "small";
}

/** A session over one model, with the settings that measured best on shared machines. */
export function createSession(
  runtime: OnnxRuntime,
  model: Uint8Array,
  { threads, memory }: SessionSettings,
): Promise<InferenceSession> {
  return runtime.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    enableMemPattern: false, // it would keep a second arena as large as the first run's peak, and no run is faster for it
    enableCpuMemArena: memory === "fast",
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: FATAL_ONLY, // errors are thrown
    extra: {
      session: {
        set_denormal_as_zero: "1", // denormal gradients and softmax tails would take a slow path in every product
        intra_op: { allow_spinning: "0" }, // a waiting thread must not take the core from whoever else runs here
      },
    },
  });
}

/** An array that onnxruntime reads, and writes, in place. */
export const feed = (runtime: OnnxRuntime, data: ConstantData, { shape, dtype }: TensorType): Tensor =>
  new runtime.Tensor(dtype, data as Float32Array, shape) as Tensor;

/** A result as an array of its own. */
export function fetched(tensor: Tensor): NdArray {
  const { data, dims } = tensor;
  if (data instanceof Float32Array || data instanceof Int32Array) return { data, shape: dims };
  throw new Error(`a result of type ${tensor.type}: only float32 and int32 can be returned`);
}

/** The settings with their defaults: a thread for each core. */
export const sessionSettings = ({
  threads = availableParallelism(),
  memory = "fast",
}: BackendOptions): SessionSettings => ({
  threads,
  memory,
});

const FATAL_ONLY = 4;
