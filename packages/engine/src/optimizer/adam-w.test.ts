import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { gelu, layerNorm, linear, openBackend, ParameterStore, scope, trainingStep } from "../index.ts";

describe("adamW", () => {
  it("lowers a loss", async () => {
    const store = ParameterStore.create({
      "a.weight": { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)) },
      "a.bias": { shape: [3], data: new Float32Array(3) },
      "n.weight": { shape: [3], data: new Float32Array(3).fill(1) },
      "n.bias": { shape: [3], data: new Float32Array(3) },
    });
    const step = trainingStep({
      backend: await openBackend("onnx"),
      store,
      seed: 1,
      loss: (p, b: { x: tf.Tensor }, { dropout }) => {
        const s = scope(p, "", { dropout });
        return {
          loss: tf.mean(
            tf.square(tf.sub(s.dropout(gelu(layerNorm(s.at("n"), linear(s.at("a"), b.x))), 0.1), 1)),
          ) as tf.Scalar,
          parts: {},
        };
      },
    });
    const batch = { x: { data: Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)), shape: [5, 4] } };
    const out = [];
    for (let i = 1; i <= 20; i++) out.push((await step.run(batch, { step: i, learningRate: 0.1 })).loss);
    console.log(out);
  });
});
