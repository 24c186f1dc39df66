import { seeded } from "@propria/base";
import { openBackend, scope } from "@propria/engine";
import { type EncoderConfig, initialize, maskedLanguageModelInits, namedConfig } from "@propria/transformer-core";
import type { Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { maskedTokenLoss } from "./index.ts";

beforeAll(async () => {
  await openBackend("cpu"); // registers tfjs' gradients
  await import("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
});

describe("maskedTokenLoss", () => {
  const config: EncoderConfig = { ...namedConfig("tiny", { vocabSize: 20 }), hiddenSize: 8, heads: 2 };

  it("gives no gradient to tokens that are not masked, nor to those that fill up", () => {
    const parameters = Object.fromEntries(
      Object.entries(initialize(config, maskedLanguageModelInits(config), seeded(1))).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data, [...shape]),
      ]),
    );
    const masks = {
      maskedPositions: tf.tensor2d([[1, 3, 0]], undefined, "int32"),
      maskedLabels: tf.tensor2d([[7, 9, 0]], undefined, "int32"),
      maskedWeights: tf.tensor2d([[1, 1, 0]]),
    };
    const hidden = tf.randomNormal([1, 5, 8], 0, 1, "float32", 3) as Tensor3D;
    const context = { scope: (path: string) => scope(parameters, path), config };
    const gradient = tf.grad((x) => maskedTokenLoss(context, x as Tensor3D, masks))(hidden);
    const sizes = tf.sum(tf.abs(gradient), 2).arraySync() as number[][];
    expect(sizes[0]!.map((size) => size > 0)).toEqual([false, true, false, true, false]);
  });
});
