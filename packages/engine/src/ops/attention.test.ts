import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { checkOp, floats } from "../../test/check-op.ts";
import { attention } from "../index.ts";

const HEADS = 2;
const inputs = { q: floats("q", 2, 3, 4), k: floats("k", 2, 5, 4), v: floats("v", 2, 5, 4) };
const bias = { data: Float32Array.of(0, 0, 0, 0, -1e4, 0, 0, 0, 0, 0), shape: [2, 1, 1, 5] };

describe("attention", () => {
  checkOp(inputs, {
    arrays: { bias },
    op: ({ q, k, v }, { bias }) => attention(q as Tensor3D, k as Tensor3D, v as Tensor3D, { heads: HEADS, bias }),
    plain: ({ q, k, v }, { bias }) => {
      const width = 4 / HEADS;
      const head = (x: Tensor, i: number) => tf.slice(x as Tensor3D, [0, 0, i * width], [-1, -1, width]);
      const heads = Array.from({ length: HEADS }, (_, i) => {
        const scores = tf.div(tf.matMul(head(q!, i), head(k!, i), false, true), Math.sqrt(width)); // [B, T, S]
        return tf.matMul(tf.softmax(tf.add(scores, tf.reshape(bias!, [2, 1, 5]))), head(v!, i)) as Tensor3D;
      });
      return tf.concat(heads, 2);
    },
  });
});
