/** `@propria/adapters/testing`: the contract that every adapter keeps, as a suite for vitest. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import {
  type BackendName,
  forwardPass,
  frozenWeights,
  type NdArray,
  openBackend,
  ParameterStore,
  scope,
  type TrainingStep,
  trainingStep,
} from "@propria/engine";
import {
  clsPooling,
  type EncoderConfig,
  encode,
  type HostParameters,
  initialize,
  pooler,
  poolerInits,
} from "@propria/transformer-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { type Attachment, attach, PREFIX } from "./attach.ts";
import type { Adapter } from "./define-adapter.ts";
import { loadAdapter } from "./load.ts";
import { mergeAdapter, unmergeAdapter } from "./merge.ts";
import { saveAdapter } from "./save.ts";

/** How an adapter is tested. */
export interface AdapterContract {
  /** Where its defaults do not fit an encoder of 2 layers and width 16. */
  options?: Record<string, unknown>;
  /** Whether it changes nothing before the first step. Default true. */
  identityAtStart?: boolean;
  /** The end of the names of parameters that no loss depends on, though it is computed through them: a key's bias shifts all scores of a query alike. */
  idle?: string;
}

/** Two layers of width 16: enough for every gradient, and quick on any backend. */
export const tinyConfig: EncoderConfig = {
  vocabSize: 30,
  hiddenSize: 16,
  layers: 2,
  heads: 2,
  intermediateSize: 24,
  maxPositions: 16,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  dropout: 0,
  attentionDropout: 0,
  initializerRange: 0.2,
  padId: 0,
};

/** Hidden states and pooled vectors are compared to this: float32 adds up in another order. */
const TOLERANCE = 1e-5;
/** Of central differences of a float32 loss, relative to the largest gradient. */
const DIFFERENCE = { step: 1e-2, tolerance: 1e-2, places: 3 };
const LEARNING = { steps: 10, rate: 1e-2 };
const BACKENDS: readonly BackendName[] = ["cpu", "onnx"];

type Matrix = NdArray<[number, number]>;
type Batch = { inputIds: Matrix; attentionMask: Matrix };

const ids = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0];
export const tinyBatch: Batch = {
  inputIds: { data: Int32Array.from(ids), shape: [3, 4] },
  attentionMask: { data: Int32Array.from(ids, (id) => Math.min(id, 1)), shape: [3, 4] },
};

/**
 * Declares the tests of an adapter; call it inside `describe`.
 *
 * @example
 * describe("scaling", () => {
 *   testAdapter(scaling);
 * });
 */
export function testAdapter(
  adapter: Adapter,
  { options = {}, identityAtStart = true, idle }: AdapterContract = {},
): void {
  const config = tinyConfig;
  const base = initialize(config, poolerInits(config), seeded(1, "base"));
  const attached = (): Attachment => attach(adapter, { config, options, pooler: true });
  const fresh = () => attached().initialize(seeded(2, "adapter"));
  /** Fresh values, and something added to each, so that nothing is 0. */
  const moved = (): HostParameters => {
    const values = fresh();
    for (const [name, { data }] of Object.entries(values)) {
      const random = seeded(3, name);
      for (let i = 0; i < data.length; i++) data[i]! += 0.4 * (random() - 0.5);
    }
    return values;
  };
  const store = (own: HostParameters) =>
    ParameterStore.create({ ...base, ...own }, { trainable: (name) => name.startsWith(PREFIX) });
  const step = async (own: HostParameters, backend: BackendName, attachment = attached()) => {
    const created = store(own);
    const compiled: TrainingStep<Batch> = trainingStep<Batch>({
      backend: await openBackend(backend, { threads: 1 }),
      store: created,
      seed: 1,
      optimizer: { weightDecay: 0 },
      loss(parameters, batch) {
        const bert = scope(parameters, "bert", { sites: attachment.sites(parameters) });
        const hidden = encode(bert, batch, config);
        const results = [hidden, pooler(bert, clsPooling(hidden))].map((tensor, i) => {
          const random = seeded(4, `weights ${i}`);
          const weights = tf.tensor(
            Array.from({ length: tensor.size }, () => random() - 0.5),
            [tensor.size],
          );
          return tf.mean(tf.square(tf.sub(tf.reshape(tensor, [-1]), weights)));
        });
        return { loss: tf.addN(results) as tf.Scalar };
      },
    });
    return { store: created, step: compiled };
  };
  /** Hidden states and pooled vectors, one after the other. */
  const vectors = async (parameters: HostParameters, attachment?: Attachment, backend: BackendName = "onnx") => {
    const { hidden, pooled } = await forwardPass<Batch>({
      backend: await openBackend(backend, { threads: 1 }),
      store: frozenWeights(parameters),
      run(parameters, batch) {
        const sites = attachment?.sites(parameters) ?? {};
        const bert = scope(parameters, "bert", { sites });
        const hidden = encode(bert, batch, config);
        return { hidden, pooled: pooler(bert, clsPooling(hidden)) };
      },
    }).run(tinyBatch);
    return Float32Array.of(...hidden!.data, ...pooled!.data);
  };

  beforeAll(async () => {
    for (const name of BACKENDS) await openBackend(name); // what loads here may take longer than a test should
  });

  it("has options that are its defaults when none is given, each described", () => {
    expect(adapter.options.safeParse({}).success).toBe(true);
    for (const [name, option] of Object.entries(adapter.options.shape))
      expect((option as { description?: string }).description, `the description of ${name}`).toBeTruthy();
  });

  it("finds its sites in a BERT, whatever its options' defaults, and starts the same for the same seed", () => {
    expect(attach(adapter, { config }).coverage.length).toBeGreaterThan(0);
    expect(Object.keys(attached().kept).length).toBeGreaterThan(0);
    expect(fresh()).toEqual(fresh());
    for (const name of Object.keys(attached().trained)) expect(name.startsWith(PREFIX)).toBe(true);
  });

  if (identityAtStart)
    it("changes nothing before the first step", async () => {
      expect(largestDifference(await vectors({ ...base, ...fresh() }, attached()), await vectors(base))).toBe(0);
    });

  it("changes what comes out once it has learnt", async () => {
    expect(largestDifference(await vectors({ ...base, ...moved() }, attached()), await vectors(base))).toBeGreaterThan(
      1e-4,
    );
  });

  it("has the same loss and gradients on both backends, of its own parameters and of no other", async () => {
    const [cpu, onnx] = await Promise.all(
      BACKENDS.map(async (backend) => (await step(moved(), backend)).step.gradients(tinyBatch, { step: 1 })),
    );
    expect(Math.abs(cpu!.loss - onnx!.loss)).toBeLessThan(TOLERANCE);
    for (const { gradients } of [cpu!, onnx!])
      expect(Object.keys(gradients).sort()).toEqual(Object.keys(attached().trained).sort());
    for (const [name, gradient] of Object.entries(cpu!.gradients)) {
      expect(largestDifference(onnx!.gradients[name]!, gradient), name).toBeLessThan(TOLERANCE);
    }
    for (const [name, gradient] of Object.entries(onnx!.gradients))
      if (!idle || !name.endsWith(idle))
        expect(
          gradient.some((value) => Math.abs(value) > 1e-7),
          name,
        ).toBe(true);
  });

  it("has the gradients that finite differences give", async () => {
    const { step: compiled, store: created } = await step(moved(), "onnx");
    const { gradients } = await compiled.gradients(tinyBatch, { step: 1 });
    const all = Object.values(gradients).flatMap((gradient) => [...gradient].map(Math.abs));
    const largest = all.reduce((a, b) => Math.max(a, b), 0);
    for (const [name, gradient] of Object.entries(gradients)) {
      const weights = created.weights(name);
      for (let i = 0; i < weights.length; i += Math.ceil(weights.length / DIFFERENCE.places)) {
        const kept = weights[i]!;
        const lossAt = async (value: number) => {
          weights[i] = value;
          return (await compiled.gradients(tinyBatch, { step: 1 })).loss;
        };
        const rise = (await lossAt(kept + DIFFERENCE.step)) - (await lossAt(kept - DIFFERENCE.step));
        weights[i] = kept;
        const error = Math.abs(rise / (2 * DIFFERENCE.step) - gradient[i]!);
        expect(error, `${name}[${i}]`).toBeLessThan(DIFFERENCE.tolerance * largest + 1e-4);
      }
    }
    await compiled.release();
  });

  it("learns one batch while the model's own weights stay as they are, to the bit", async () => {
    const { step: compiled, store: trained } = await step(fresh(), "onnx");
    const losses: number[] = [];
    for (let i = 1; i <= LEARNING.steps; i++)
      losses.push((await compiled.run(tinyBatch, { step: i, learningRate: LEARNING.rate })).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    for (const [name, { data }] of Object.entries(base)) expect(trained.weights(name), name).toEqual(data);
    await compiled.release();
  });

  it("gives the same vectors when it is saved and loaded, and refuses another model", async () => {
    const own = moved();
    const folder = mkdtempSync(join(tmpdir(), "adapter-"));
    try {
      const head = { "classifier.weight": { shape: [1, 2], data: Float32Array.of(1, 2) } };
      await saveAdapter(folder, { attachment: attached(), parameters: own, base, heads: head });
      const heads = { "classifier.weight": { shape: [1, 2], std: 0 } };
      const options = { config, heads, adapters: [adapter] };
      const loaded = await loadAdapter(folder, { ...options, base });
      expect(loaded.heads).toEqual(head);
      expect(loaded.baseKnown).toBe(true);
      const [before, after] = [
        await vectors({ ...base, ...own }, attached()),
        await vectors({ ...base, ...loaded.parameters }, loaded.attachment),
      ];
      expect(largestDifference(after, before)).toBeLessThan(TOLERANCE);
      const other = initialize(config, poolerInits(config), seeded(9));
      await expect(loadAdapter(folder, { ...options, base: other })).rejects.toMatchObject({ code: "ADAPTER_BASE" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  if (!adapter.parts && adapter.additions)
    it("is the same merged into the model, and the model is the same without it again", async () => {
      const merging = { attachment: attached(), parameters: moved() };
      const merged = await mergeAdapter(base, merging);
      const [beside, within] = [
        await vectors({ ...base, ...merging.parameters }, merging.attachment),
        await vectors(merged),
      ];
      expect(largestDifference(within, beside)).toBeLessThan(TOLERANCE);
      const again = await unmergeAdapter(merged, merging);
      for (const [name, { data }] of Object.entries(base))
        expect(largestDifference(again[name]!.data, data), name).toBeLessThan(TOLERANCE);
    });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.NaN;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
