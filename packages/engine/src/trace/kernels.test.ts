import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { evaluate, expectClose, floats, integers } from "../../test/check-op.ts";

const inputs = { x: floats("x", 2, 3, 4), y: floats("y", 2, 3, 4), m: floats("m", 3, 4), row: floats("row", 4) };
const arrays = { ids: integers("ids", 3, 5), flags: integers("flags", 2, 2, 3, 4) };
type All = Record<"x" | "y" | "m" | "row", Tensor>;
type Given = Record<"ids" | "flags", Tensor>;

/** Each result is summed with weights; its value and its gradients by every input are compared. */
const cases: [string, (all: All, given: Given) => Tensor][] = [
  ["sums that broadcast", ({ x, row }) => tf.add(tf.sub(row, x), tf.mul(x, row))],
  ["quotients", ({ x, y }) => tf.div(x, tf.add(tf.square(y), 1))],
  [
    "divisions of int32",
    ({ x }, { flags }) =>
      tf.mul(x, tf.cast(tf.floorDiv(tf.add(flags, tf.scalar(5, "int32")), tf.scalar(2, "int32")), "float32")),
  ],
  ["powers", ({ x }) => tf.add(tf.pow(tf.abs(x), 1.5), tf.add(tf.pow(x, 2), tf.pow(x, 1)))],
  ["extremes", ({ x, y }) => tf.add(tf.maximum(x, y), tf.minimum(x, 0.3))],
  ["squared differences", ({ x, y }) => tf.squaredDifference(x, y)],
  ["sums of many", ({ x, y }) => tf.addN([x, y, x])],
  [
    "exponentials and logarithms",
    ({ x }) => tf.add(tf.exp(x), tf.add(tf.log(tf.add(tf.square(x), 1)), tf.log1p(tf.square(x)))),
  ],
  ["roots", ({ x }) => tf.add(tf.sqrt(tf.add(tf.square(x), 1)), tf.rsqrt(tf.add(tf.square(x), 2)))],
  ["sigmoid shapes", ({ x }) => tf.add(tf.add(tf.tanh(x), tf.sigmoid(x)), tf.add(tf.erf(x), tf.softplus(x)))],
  ["rectifiers", ({ x }) => tf.add(tf.relu(x), tf.add(tf.elu(x), tf.leakyRelu(x, 0.1)))],
  ["clipping", ({ x }) => tf.clipByValue(x, -0.5, 0.7)],
  ["sines", ({ x }) => tf.add(tf.sin(x), tf.cos(x))],
  ["tangents", ({ x }) => tf.add(tf.tan(tf.mul(x, 0.4)), tf.atan(x))],
  ["rectifiers with limits", ({ x }) => tf.add(tf.relu6(tf.mul(x, 9)), tf.add(tf.selu(x), tf.expm1(x)))],
  ["negation twice, and scaled", ({ x }) => tf.neg(tf.mul(tf.neg(x), 3))],
  ["rounding", ({ x }) => tf.mul(x, tf.add(tf.floor(tf.mul(x, 0)), tf.ceil(tf.mul(x, 0))))],
  ["comparisons", ({ x, y }) => tf.where(tf.greater(x, y), x, tf.where(tf.lessEqual(x, 0), y, tf.mul(y, 2)))],
  [
    "a condition on whole rows",
    ({ m }) => tf.where(tf.equal(tf.tensor2d([[1], [0], [1]], [3, 1], "int32"), 1), m, tf.zerosLike(m)),
  ],
  [
    "logic",
    ({ x, y }) =>
      tf.mul(
        x,
        tf.cast(
          tf.logicalOr(tf.logicalAnd(tf.greater(x, 0), tf.less(y, 0)), tf.logicalNot(tf.notEqual(x, y))),
          "float32",
        ),
      ),
  ],
  ["casts of int32 and bool", ({ x }, { flags }) => tf.mul(x, tf.sub(1, tf.cast(flags, "float32")))],

  ["softmax", ({ x }) => tf.softmax(x)],
  ["log-softmax", ({ x }) => tf.logSoftmax(x)],
  [
    "sums, means and extremes along axes",
    ({ x }) => tf.add(tf.add(tf.sum(x, [0, 2]), tf.mean(x, [0, 2])), tf.sub(tf.max(x, [0, 2]), tf.min(x, [0, 2]))),
  ],
  ["reductions to a scalar", ({ x }) => tf.add(tf.mean(x), tf.sum(x, -1, true))],
  ["norms", ({ x }) => tf.div(x, tf.norm(x, 2, 2, true))],
  ["log-sum-exp", ({ x }) => tf.logSumExp(x, 2)],
  ["moments", ({ x }) => tf.moments(x, -1, true).variance],
  ["places of extremes", ({ x }) => tf.mul(tf.sum(x), tf.cast(tf.add(tf.argMax(x, 2), tf.argMin(x, 2)), "float32"))],
  ["running sums", ({ x }) => tf.add(tf.cumsum(x, 1), tf.add(tf.cumsum(x, 2, true), tf.cumsum(x, 0, false, true)))],
  [
    "the largest of a row, and where they are: the first of equal ones",
    ({ m }, { flags, ids }) => {
      const { values, indices } = tf.topk(tf.add(tf.cast(flags, "float32"), tf.range(0, 4, 1, "float32")), 3);
      const places = tf.topk(tf.cast(ids, "float32"), 2).indices;
      const found = tf.add(tf.add(values, tf.cast(indices, "float32")), tf.sum(tf.cast(places, "float32")));
      return tf.mul(tf.sum(m), found);
    },
  ],

  [
    "reshaping twice, and new axes",
    ({ x }) => tf.squeeze(tf.expandDims(tf.reshape(tf.reshape(x, [6, 4]), [3, -1]), 1), [1]),
  ],
  ["transposing twice", ({ x }) => tf.transpose(tf.transpose(x, [2, 0, 1]), [1, 0, 2])],
  ["slices", ({ x }) => tf.slice(x as Tensor3D, [0, 1, 1], [-1, 2, 2])],
  [
    "padding",
    ({ m }) =>
      tf.pad(
        m as Tensor2D,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
  ],
  ["concatenation", ({ x, y }) => tf.concat([x, y, x], 1)],
  ["stacking and unstacking", ({ x, y }) => tf.stack([...tf.unstack(x, 1), ...tf.unstack(y, 1)], 1)],
  ["splitting", ({ x }) => tf.concat(tf.split(x, [1, 2], 1).reverse(), 1)],
  ["tiling", ({ m }) => tf.tile(m as Tensor2D, [2, 3])],
  ["broadcasting", ({ row }) => tf.broadcastTo(tf.reshape(row, [1, 4]), [3, 4])],
  ["constants", ({ m }) => tf.mul(m, tf.tensor2d([[1, 2, 3, 4]]))],
  ["fills and ranges", ({ m }) => tf.add(tf.mul(m, tf.fill([3, 4], 2)), tf.range(0, 4, 1, "float32"))],
  ["zeros and ones", ({ m }) => tf.add(tf.mul(m, tf.ones([3, 4])), tf.zeros([3, 4]))],

  ["matrix products", ({ m }) => tf.matMul(m as Tensor2D, m as Tensor2D, false, true)],
  ["products of transposes", ({ m }) => tf.matMul(tf.transpose(m as Tensor2D), tf.mul(m as Tensor2D, 2))],
  ["products in batches, scaled", ({ x, y }) => tf.mul(tf.matMul(x as Tensor3D, y as Tensor3D, false, true), 0.25)],
  ["products plus a row", ({ m, row }) => tf.add(tf.matMul(tf.transpose(m as Tensor2D), m as Tensor2D), row)],

  ["rows by index", ({ m }, { ids }) => tf.gather(m, ids as tf.Tensor1D)],
  ["columns by index", ({ m }, { ids }) => tf.gather(m, ids as tf.Tensor1D, 1)],
  [
    "sums by segment",
    ({ row }, { ids }) =>
      tf.unsortedSegmentSum(tf.concat([row, tf.tensor1d([1])]) as tf.Tensor1D, ids as tf.Tensor1D, 4),
  ],
  [
    "one-hot rows",
    ({ m }, { ids }) => tf.matMul(tf.cast(tf.oneHot(ids as tf.Tensor1D, 3), "float32") as Tensor2D, m as Tensor2D),
  ],
  [
    "one-hot rows with values of their own",
    ({ m }, { ids }) => tf.matMul(tf.oneHot(ids as tf.Tensor1D, 3, 0.9, 0.1, "float32") as Tensor2D, m as Tensor2D),
  ],
];

describe("a traced step", () => {
  it.each(cases)("computes %s as tfjs' cpu backend does, with the gradients", async (_, work) => {
    const op = (all: Record<string, Tensor>, given: Record<string, Tensor>) => work(all as All, given as Given);
    expectClose(await evaluate("onnx", inputs, arrays, op), await evaluate("cpu", inputs, arrays, op));
  });

  it("takes a tensor made outside of it as a constant", async () => {
    await evaluate("cpu", inputs, {}, ({ x }) => x!); // so that tfjs has a backend to make it on
    await tf.setBackend("cpu");
    const outside = tf.tensor1d([1, 2, 3, 4]);
    const op = (all: Record<string, Tensor>) => tf.mul(all.row!, outside);
    expectClose(await evaluate("onnx", inputs, {}, op), await evaluate("cpu", inputs, {}, op));
  });

  it("refuses a tensor kept from an earlier trace", async () => {
    const kept: Tensor[] = [];
    await evaluate("onnx", inputs, {}, ({ row }) => {
      kept.push(tf.keep(tf.mul(row!, 2)));
      return row!;
    });
    const late = evaluate("onnx", inputs, {}, ({ row }) => tf.add(row!, kept[0]!));
    await expect(late).rejects.toThrow("a tensor of an earlier trace is used");
  });
});
