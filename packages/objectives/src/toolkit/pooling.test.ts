import { openBackend } from "@propria/engine";
import { meanPooling } from "@propria/transformer-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { groupContrastive, maskedMean, spanPooling } from "./index.ts";

await openBackend("cpu"); // registers tfjs' gradients
await import("@tensorflow/tfjs-backend-cpu");
await tf.setBackend("cpu");

const hidden = tf.randomNormal([2, 4, 3], 0, 1, "float32", 1) as Tensor3D;
const rounded = (x: tf.Tensor) => [...x.dataSync()].map((value) => Number(value.toFixed(5)));

describe("maskedMean", () => {
  it("is mean pooling for an attention mask", () => {
    const mask = tf.tensor2d([1, 1, 1, 0, 1, 0, 0, 0], [2, 4], "int32");
    expect(rounded(maskedMean(hidden, mask))).toEqual(rounded(meanPooling(hidden, mask)));
  });

  it("weights the tokens, and is 0 for a text without weight, with a finite gradient", () => {
    const weights = tf.tensor2d([0, 3, 1, 0, 0, 0, 0, 0], [2, 4]);
    const [, b, c] = (hidden.arraySync() as number[][][])[0]!;
    const expected = b!.map((value, i) => (3 * value + c![i]!) / 4);
    expect(rounded(maskedMean(hidden, weights))).toEqual(rounded(tf.tensor1d([...expected, 0, 0, 0])));
    for (const each of tf
      .grad((x) => tf.sum(maskedMean(x as Tensor3D, weights)))(hidden)
      .dataSync())
      expect(Number.isFinite(each)).toBe(true);
  });
});

describe("spanPooling", () => {
  it("is the mean of each span's tokens", () => {
    const starts = tf.tensor2d([0, 1, 3, 0], [2, 2], "int32");
    const ends = tf.tensor2d([1, 4, 4, 4], [2, 2], "int32");
    const pooled = spanPooling(hidden, starts, ends);
    expect(pooled.shape).toEqual([2, 2, 3]);
    const mean = (text: number, start: number, length: number) =>
      tf.mean(tf.slice(hidden, [text, start, 0], [1, length, 3]), 1);
    const expected = tf.concat([mean(0, 0, 1), mean(0, 1, 3), mean(1, 3, 1), mean(1, 0, 4)]);
    expect(rounded(pooled)).toEqual(rounded(expected));
  });

  it("is 0 for an empty span", () => {
    const at = tf.tensor2d([2, 2], [2, 1], "int32");
    expect(rounded(spanPooling(hidden, at, at))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("leaves out tokens of weight 0, and gives 0 where none is left", () => {
    const hidden = tf.tensor3d([[[1], [2], [4], [8]]]);
    const places = (...edges: number[]) => tf.tensor2d([edges], [1, edges.length], "int32");
    const weights = tf.tensor2d([[1, 0, 1, 0]], [1, 4], "int32");
    const pooled = (given?: tf.Tensor2D) => [
      ...spanPooling(hidden, places(0, 1, 3), places(4, 3, 4), given).dataSync(),
    ];
    expect(pooled(weights)).toEqual([2.5, 4, 0]);
    expect(pooled(tf.ones([1, 4]))).toEqual(pooled());
  });
});

describe("groupContrastive", () => {
  const [anchors, members] = [
    tf.randomNormal([3, 4], 0, 1, "float32", 2),
    tf.randomNormal([3, 5, 4], 0, 1, "float32", 3),
  ];
  const loss = (a: tf.Tensor, m: tf.Tensor) => groupContrastive(a as Tensor2D, m as Tensor3D, 0.5);

  it("gives a loss for each anchor", () => {
    expect(loss(anchors, members).shape).toEqual([3]);
    const equal = loss(tf.ones([3, 4]), tf.ones([3, 5, 4]));
    for (const value of equal.dataSync()) expect(value).toBeCloseTo(Math.log(3 * 6 - 1), 5);
  });

  it("does not see an anchor's score with itself", () => {
    const lonely = loss(tf.mul(tf.ones([1, 4]), 100), tf.zeros([1, 5, 4]));
    expect(lonely.dataSync()[0]).toBeCloseTo(Math.log(5), 5);
  });

  it("has the gradient of its differences", () => {
    const total = (a: tf.Tensor, m: tf.Tensor) => tf.sum(loss(a, m)) as tf.Scalar;
    const [byAnchors] = tf.grads(total)([anchors, members]);
    const step = 1e-2;
    for (let i = 0; i < 12; i += 5) {
      const moved = (by: number) => {
        const data = Float32Array.from(anchors.dataSync());
        data[i]! += by;
        return total(tf.tensor(data, [3, 4]), members).dataSync()[0]!;
      };
      expect((moved(step) - moved(-step)) / (2 * step)).toBeCloseTo(byAnchors!.dataSync()[i]!, 2);
    }
  });

  it("stays finite at scores of thousands", () => {
    for (const value of loss(tf.mul(anchors, 1e3), members).dataSync()) expect(Number.isFinite(value)).toBe(true);
  });
});
