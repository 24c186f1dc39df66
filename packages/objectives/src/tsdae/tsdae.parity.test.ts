/** Against `DenoisingAutoEncoderLoss` of sentence-transformers 6.2 with a tied decoder: test/oracle/make.py. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { type EncoderConfig, namedConfig, readSafetensors } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { tokenizer } from "../../test/on-states.ts";
import { objectiveLoss } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import tsdae from "./index.ts";

const oracle = (name: string) => fileURLToPath(new URL(`../../test/oracle/${name}`, import.meta.url));
const {
  whole,
  damaged,
  loss: expectedLoss,
} = JSON.parse(readFileSync(oracle("tsdae.json"), "utf8")) as {
  whole: number[][];
  damaged: number[][];
  loss: number;
};
const config: EncoderConfig = {
  ...namedConfig("tiny", { vocabSize: 40 }),
  hiddenSize: 16,
  heads: 2,
  intermediateSize: 32,
  maxPositions: 16,
  dropout: 0,
  attentionDropout: 0,
};

describe("tsdae, as sentence-transformers has it", () => {
  it.each(["cpu", "onnx"] as const)("has the same loss and gradients, on %s", async (backend) => {
    const options = objectiveOptions(tsdae, {});
    const unpadded = (rows: readonly number[][]) => rows.map((row) => row.filter((id) => id !== config.padId));
    const examples = unpadded(whole).map((row, i) => ({
      damaged: unpadded(damaged)[i]!,
      next: { inputIds: row, positions: row.slice(1).map((_, place) => place), labels: row.slice(1) },
    }));
    const context = collateContext(lengthBuckets(16, 2), { bucketTokens: 16, padId: config.padId });
    const { tensors } = await readSafetensors(oracle("tsdae.safetensors"));
    const step = trainingStep({
      backend: await openBackend(backend, { threads: 1 }),
      store: ParameterStore.create(tensors),
      seed: 1,
      loss: objectiveLoss(tsdae, options, config),
    });
    const { loss, gradients } = await step.gradients(tsdae.collate(examples, { ...context, tokenizer, options }), {
      step: 1,
    });
    await step.release();
    expect(Math.abs(loss - expectedLoss)).toBeLessThan(1e-5);

    const expected = (await readSafetensors(oracle("tsdae-gradients.safetensors"))).tensors;
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { data }] of Object.entries(expected)) {
      const largest = Math.max(...data.map(Math.abs));
      const error = Math.max(...data.map((value, i) => Math.abs(value - gradients[name]![i]!)));
      expect(error, name).toBeLessThan(1e-5 * Math.max(1, largest)); // float32 in another order
    }
  });
});
