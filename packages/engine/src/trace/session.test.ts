import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { forwardPass, frozenWeights, type NdArray, openBackend } from "../index.ts";

describe("loadOnnxRuntime", () => {
  it("turns the library's telemetry off, which would leave a file in the temporary folder", async () => {
    const log = join(tmpdir(), `mat-debug-${process.pid}.log`);
    rmSync(log, { force: true }); // of an earlier process of this number
    const pass = forwardPass<{ x: NdArray }>({
      backend: await openBackend("onnx"),
      store: frozenWeights({ weight: { shape: [1], data: Float32Array.of(2) } }),
      run: ({ weight }, { x }) => ({ y: tf.mul(x, weight!) }),
    });
    const { y } = await pass.run({ x: { data: Float32Array.of(3), shape: [1] } });
    await pass.release();
    expect(y!.data).toEqual(Float32Array.of(6));
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
    expect(existsSync(log)).toBe(false);
  });
});
