import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { checkOp, evaluate, floats } from "../../test/check-op.ts";
import { linear, type Sites, scope } from "../index.ts";

const inputs = { x: floats("x", 2, 3, 4), "map.weight": floats("weight", 5, 4), "map.bias": floats("bias", 5) };

describe("linear", () => {
  checkOp(inputs, {
    op: (all) => linear(scope(all, "map"), all.x!),
    plain: (all) => {
      const { x, "map.weight": weight, "map.bias": bias } = all;
      const products = tf.mul(tf.reshape(x!, [2, 3, 1, 4]), weight!); // [2, 3, 5, 4]
      return tf.add(tf.sum(products, -1), bias!);
    },
  });

  it("lets its site change the result", async () => {
    const seen: string[] = [];
    const { loss } = await evaluate("onnx", inputs, {}, (all) => {
      const sites: Sites = {
        linear(path, _x, y) {
          seen.push(path);
          return tf.mul(y, 0);
        },
      };
      return tf.add(linear(scope(all, "map", { sites }), all.x!), tf.mul(tf.sum(all["map.weight"]!), 0));
    });
    expect(loss).toBe(0);
    expect(seen).toEqual(["map"]);
  });
});
