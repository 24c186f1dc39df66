import { seeded } from "@propria/base";
import { openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, namedConfig } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { objectiveStages } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective, testVocabulary } from "../testing.ts";
import simcse from "./index.ts";

await openBackend("cpu"); // registers tfjs' gradients
await import("@tensorflow/tfjs-backend-cpu");
await tf.setBackend("cpu");

describe("simcse", () => {
  testObjective(simcse);
});

describe("simcse without projection, with the masked language model, on short windows", () => {
  testObjective(simcse, { options: { projection: false, maskedWeight: 0.1, windowTokens: 24 } });
});

const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const options = objectiveOptions(simcse);
const loss = (first: Tensor2D, second: Tensor2D, given: Record<string, unknown> = {}) => {
  const config = namedConfig("tiny", { vocabSize: tokenizer.size });
  const stages = objectiveStages(simcse, objectiveOptions(simcse, given), config)!;
  return stages.contrast({}, { first, second }).loss.dataSync()[0]!;
};

describe("simcse's loss", () => {
  const x = tf.tensor2d(Array.from({ length: 12 }, seeded(5)), [4, 3]);
  const y = tf.tensor2d(Array.from({ length: 12 }, seeded(6)), [4, 3]);

  it("is ln N for a batch of one text over and over", () => {
    const same = tf.tile(tf.slice(x, [0, 0], [1, 3]), [5, 1]) as Tensor2D;
    expect(loss(same, same)).toBeCloseTo(Math.log(5), 5);
  });

  it("is −log e^(cos/τ) / Σ e^(cos/τ), and at least 0", () => {
    const rows = [x, y].map((each) => each.arraySync().map((row) => row.map((value) => value / Math.hypot(...row))));
    const cosine = (i: number, j: number) => rows[0]![i]!.reduce((sum, value, k) => sum + value * rows[1]![j]![k]!, 0);
    const perText = [0, 1, 2, 3].map((i) => {
      const scores = [0, 1, 2, 3].map((j) => Math.exp(cosine(i, j) / 0.05));
      return -Math.log(scores[i]! / scores.reduce((a, b) => a + b));
    });
    expect(loss(x, y)).toBeCloseTo(perText.reduce((a, b) => a + b) / 4, 4);
    expect(loss(x, x)).toBeGreaterThanOrEqual(0);
  });

  it("does not depend on the order of the texts, nor on the vectors' lengths", () => {
    const order = tf.tensor1d([2, 0, 3, 1], "int32");
    expect(loss(tf.gather(x, order), tf.gather(y, order))).toBeCloseTo(loss(x, y), 5);
    expect(loss(tf.mul(x, 7), tf.mul(y, 0.1))).toBeCloseTo(loss(x, y), 4);
  });

  it("is softer at a higher temperature", () => {
    expect(loss(x, y, { temperature: 100 })).toBeCloseTo(Math.log(4), 2);
  });
});

describe("simcse's two readings of a text", () => {
  const [a, b] = testDocuments.slice(0, 2).flatMap((document) => [
    ...simcse.examples(document, {
      random: seeded(1, document.id),
      tokenizer,
      options,
      number: 0,
      prepared: undefined,
      maxTokens: 64,
    }),
  ]);

  const readings = async (dropout: number) => {
    const shape = { vocabSize: tokenizer.size, dropout, attentionDropout: dropout, hiddenSize: 32, heads: 2 };
    const config = { ...namedConfig("tiny", shape), intermediateSize: 64 };
    const stages = objectiveStages(simcse, options, config)!;
    const heads = simcse.heads!(config, options);
    const parts = await trainingStep({
      backend: await openBackend("cpu"),
      store: ParameterStore.create(initialize(config, heads, seeded(1))),
      seed: 1,
      loss(parameters, batch: Parameters<typeof stages.represent>[1], context) {
        const { first, second } = stages.represent(parameters, batch, context).vectors as Record<string, Tensor2D>;
        return { loss: tf.sum(first!), parts: { apart: tf.max(tf.abs(tf.sub(first!, second!))) } };
      },
    }).gradients(
      simcse.collate([a!, b!], {
        ...collateContext(lengthBuckets(64, 2), { bucketTokens: 64, padId: tokenizer.padId }),
        tokenizer,
        options,
      }),
      { step: 1 },
    );
    return parts.parts.apart!;
  };

  it("are equal without dropout, so that their cosine is 1", async () => {
    expect(await readings(0)).toBe(0);
  });

  it("have dropout of their own", async () => {
    expect(await readings(0.1)).toBeGreaterThan(0.01);
  });
});
