import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { forwardPass, frozenWeights, type NdArray, openBackend } from "./index.ts";

type Input = { x: NdArray; nested: { ids: NdArray } };

describe.each(["onnx", "cpu"] as const)("forwardPass on %s", (name) => {
  const batch = (rows: number): Input => ({
    x: { data: Float32Array.from({ length: rows * 2 }, (_, i) => i), shape: [rows, 2] },
    nested: { ids: { data: Int32Array.of(1, 0), shape: [2] } },
  });
  const pass = async () =>
    forwardPass<Input>({
      backend: await openBackend(name),
      store: frozenWeights({ weight: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } }),
      run: ({ weight }, { x, nested }) => ({
        product: tf.matMul(x as Tensor2D, weight as Tensor2D),
        ids: tf.add(nested.ids, tf.scalar(1, "int32")),
        weight: weight!,
        first: tf.gather(weight!, nested.ids),
      }),
    });

  it("returns named results, float32 and int32, of every shape it is given", async () => {
    const encoder = await pass();
    const results = await encoder.run(batch(2));
    expect(results.product).toEqual({ data: Float32Array.of(3, 4, 11, 16), shape: [2, 2] });
    expect(results.ids).toEqual({ data: Int32Array.of(2, 1), shape: [2] });
    expect(results.weight!.data).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(results.first!.data).toEqual(Float32Array.of(3, 4, 1, 2));
    expect((await encoder.run(batch(3))).product!.shape).toEqual([3, 2]);
    await encoder.release();
  });

  it("takes runs in turn that are not awaited, also of more shapes than are kept", async () => {
    const encoder = await pass();
    const results = await Promise.all([1, 2, 3, 4, 5, 6, 1].map((rows) => encoder.run(batch(rows))));
    expect(results.map(({ product }) => product!.shape[0])).toEqual([1, 2, 3, 4, 5, 6, 1]);
  });

  it("returns arrays that the next run does not touch", async () => {
    const encoder = await pass();
    const { product } = await encoder.run(batch(2));
    await encoder.run({ ...batch(2), x: { data: new Float32Array(4), shape: [2, 2] } });
    expect([...product!.data]).toEqual([3, 4, 11, 16]);
  });
});
