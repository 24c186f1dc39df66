import { seeded } from "@propria/base";
import { openBackend, scope, trainingStep } from "@propria/engine";
import { encode, initialize } from "@propria/transformer-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { adaptingMistake } from "./adapting-mistake.ts";
import { type Answers, adapterStore, adaptingOf, defineAdapter } from "./index.ts";
import { tinyConfig as config, tinyBatch } from "./testing.ts";

type Linear = NonNullable<Answers["linear"]>;
const site = (layer: number) => `bert.encoder.layer.${layer}.attention.self.query`;

/** What a step of training says of an adapter with this answer at the queries' maps. */
async function mistake(linear: Linear): Promise<string> {
  const adapter = defineAdapter({
    name: "mine",
    options: z.object({}),
    sites: () => ({ linear: ["attention.self.query"] }),
    parameters: ({ out }) => ({ "mine.bias": { shape: [out], std: 0 } }),
    attach: () => ({ linear }),
  });
  const adapting = adaptingOf({ adapter, options: {}, file: { path: "mine.ts", sha256: "" } }, { config });
  const store = adapterStore(initialize(config, {}, seeded(1)), adapting, 1);
  const backend = await openBackend("cpu");
  const step = trainingStep<typeof tinyBatch>({
    ...{ backend, store, seed: 1 },
    loss(parameters, batch) {
      const bert = scope(parameters, "bert", { sites: adapting.attachment.sites(parameters) });
      return { loss: tf.mean(tf.square(encode(bert, batch, config))) as Scalar };
    },
  });
  const error = await step.run(tinyBatch, { step: 1, learningRate: 1e-3 }).catch((caught: unknown) => caught);
  return ((await adaptingMistake(error, adapting, store, backend)) as Error).message;
}

describe("an adapter that cannot be trained", () => {
  it("is told with the site whose answer cannot stand there", async () => {
    expect(await mistake((_, __, y) => tf.sum(y, 1, true) as Tensor2D)).toBe(
      `mine: linear at ${site(0)}: answers [12,1] (it stands in the place of y, [12,16])`,
    );
    expect(await mistake((() => undefined) as unknown as Linear)).toContain("answers with undefined, no tensor");
    expect(await mistake((_, __, y) => tf.cast(y, "int32"))).toContain("answers with int32");
  });

  it("is told with the site whose answer, or the parameter whose gradient, is no number", async () => {
    const answer = await mistake((p, _, y) => tf.add(p.get("mine.bias"), tf.log(tf.neg(tf.square(y)))));
    expect(answer).toContain(
      `mine.ts, step 1: mine: linear at ${site(0)}: the answer is no number (lower the learning rate;`,
    );
    const gradient = await mistake((p, _, y) => tf.add(y, tf.sqrt(tf.square(p.get("mine.bias")))));
    expect(gradient).toContain(`mine: the gradient of ${site(1)}.mine.bias is no number`);
    const none = await mistake((p, _, y) => tf.add(y, tf.cumprod(p.get("mine.bias"))));
    expect(none).toContain("mine.ts: mine: Cannot compute gradient: gradient function not found for Cumprod.");
  });
});
