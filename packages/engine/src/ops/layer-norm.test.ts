import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { checkOp, evaluate, floats } from "../../test/check-op.ts";
import { layerNorm, plainLayerNorm, type Sites, scope } from "../index.ts";

describe("layerNorm", () => {
  const inputs = { x: floats("x", 2, 3, 8), "norm.weight": floats("weight", 8), "norm.bias": floats("bias", 8) };
  checkOp(inputs, {
    op: (all) => layerNorm(scope(all, "norm"), all.x!),
    plain: (all) => plainLayerNorm(scope(all, "norm"), all.x!),
  });

  it("lets its site change the result", async () => {
    const sites: Sites = { norm: (path, y) => tf.mul(y, path === "norm" && y.rank === 2 ? 0 : 1) };
    const { loss } = await evaluate("onnx", inputs, {}, (all) =>
      tf.add(layerNorm(scope(all, "norm", { sites }), all.x!), tf.mul(tf.sum(all["norm.bias"]!), 0)),
    );
    expect(loss).toBe(0);
  });
});
