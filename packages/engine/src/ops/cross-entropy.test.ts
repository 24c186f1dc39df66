import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { checkOp, evaluate, floats, integers } from "../../test/check-op.ts";
import {
  gatherRows,
  plainGatherRows,
  plainSoftmaxCrossEntropy,
  plainTiedCrossEntropy,
  softmaxCrossEntropy,
  tiedCrossEntropy,
} from "../index.ts";

const arrays = {
  labels: integers("labels", 7, 5),
  weights: { data: Float32Array.of(1, 0.5, 0, 2, 1), shape: [5] },
};

describe("softmaxCrossEntropy", () => {
  checkOp(
    { logits: floats("logits", 5, 7) },
    {
      arrays,
      op: ({ logits }, { labels, weights }) =>
        softmaxCrossEntropy(logits as Tensor2D, labels as Tensor1D, weights as Tensor1D),
      plain: ({ logits }, { labels, weights }) =>
        plainSoftmaxCrossEntropy(logits as Tensor2D, labels as Tensor1D, weights as Tensor1D),
    },
  );

  it.each(["cpu", "onnx"] as const)("is 0 with gradients of 0 when every weight is, on %s", async (backend) => {
    const none = { ...arrays, weights: { data: new Float32Array(5), shape: [5] } };
    const op = ({ logits }: Record<string, tf.Tensor>, { labels, weights }: Record<string, tf.Tensor>) =>
      softmaxCrossEntropy(logits as Tensor2D, labels as Tensor1D, weights as Tensor1D);
    const { loss, gradients } = await evaluate(backend, { logits: floats("logits", 5, 7) }, none, op);
    expect(loss).toBeCloseTo(0);
    expect(Math.max(...gradients.logits!.map(Math.abs))).toBe(0);
  });

  it.each(["cpu", "onnx"] as const)("stays finite and exact for logits far apart, on %s", async (backend) => {
    const logits = { data: Float32Array.of(1000, 0, -1000, 0), shape: [2, 2] };
    const given = {
      labels: { data: Int32Array.of(1, 1), shape: [2] },
      weights: { data: Float32Array.of(1, 1), shape: [2] },
    };
    const op = ({ logits }: Record<string, tf.Tensor>, { labels, weights }: Record<string, tf.Tensor>) =>
      tf.reshape(softmaxCrossEntropy(logits as Tensor2D, labels as Tensor1D, weights as Tensor1D), [1]);
    const { loss } = await evaluate(backend, { logits }, given, op);
    expect(loss / floats("weights", 1).data[0]!).toBeCloseTo(500); // (1000 + 0) / 2
  });
});

describe("tiedCrossEntropy", () => {
  const inputs = { hidden: floats("hidden", 5, 4), table: floats("table", 7, 4), bias: floats("bias", 7) };
  type Form = typeof tiedCrossEntropy;
  const head =
    (form: Form) =>
    ({ hidden, table, bias }: Record<string, tf.Tensor>, { labels, weights }: Record<string, tf.Tensor>) =>
      form(hidden as Tensor2D, table as Tensor2D, bias as Tensor1D, labels as Tensor1D, weights as Tensor1D);
  checkOp(inputs, { arrays, op: head(tiedCrossEntropy), plain: head(plainTiedCrossEntropy) });

  describe("with the table read by index too, as a masked language model does", () => {
    const words = { ...arrays, ids: integers("ids", 7, 5) };
    const model =
      (form: Form, gather: typeof gatherRows) => (all: Record<string, tf.Tensor>, given: Record<string, tf.Tensor>) => {
        const hidden = tf.tanh(tf.add(gather(all.table!, given.ids!), all.hidden!));
        return head(form)({ ...all, hidden }, given);
      };
    checkOp(inputs, {
      arrays: words,
      op: model(tiedCrossEntropy, gatherRows),
      plain: model(plainTiedCrossEntropy, plainGatherRows),
    });
  });
});
