import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { clsPooling, type EncoderConfig, encode, type HostParameters, initialize } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, lossOnStates, normsByPlace, smallConfig, someStates, tokenizer } from "../../test/on-states.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective } from "../testing.ts";
import { jensenShannon, type MaskedRow, symmetricKullbackLeibler, wordLogProbabilities } from "../toolkit/index.ts";
import { collateBag } from "./examples.ts";
import cpdae from "./index.ts";
import { reconstructionLoss } from "./loss.ts";

describe("cpdae", () => {
  testObjective(cpdae, { maxTokens: 32 });
});

describe("cpdae by symmetric Kullback-Leibler, with a decoder matrix of its own and pure masks", () => {
  const options = { distance: "symmetric-kl", tiedDecoder: false, masking: "mask", maskRate: 0.3, temperature: 0.5 };
  testObjective(cpdae, { options, maxTokens: 32, backends: ["onnx"] }); // the cpu has the same ops above
});

describe("cpdae by reconstruction only", () => {
  testObjective(cpdae, { options: { variant: "reconstruction-only" }, maxTokens: 32, backends: ["onnx"] }); // as above
});

describe("cpdae without the masked language model", () => {
  testObjective(cpdae, { options: { maskedWeight: 0 }, maxTokens: 32, backends: ["onnx"] }); // as above

  it("has no head for it", () => {
    const heads = (maskedWeight: number) =>
      Object.keys(cpdae.heads!(smallConfig, objectiveOptions(cpdae, { maskedWeight }))).some((name) =>
        name.startsWith("cls."),
      );
    expect([heads(1), heads(0)]).toEqual([true, false]);
  });
});

const documents = testDocuments.slice(0, 3);
const batch = batchOf(cpdae, {}, { documents });
const states = someStates(6, 32, smallConfig);
const last = "states.2";
const on = (given: Record<string, unknown>, part?: string, at = states) =>
  lossOnStates(cpdae, given, batch, at, part ? { part } : {});
const withVectors = (vector: (row: number, unit: number) => number) => {
  const data = Float32Array.from(states[last]!.data, (value, k) =>
    Math.floor(k / 16) % 32 === 0 ? vector(Math.floor(k / (16 * 32)), k % 16) : value,
  );
  return { ...states, [last]: { ...states[last]!, data } };
};

describe("cpdae's loss", () => {
  it("is the weighted sum of its parts", async () => {
    const given = { maskedWeight: 0.5, reconstructionWeight: 2, contrastWeight: 3 };
    const { loss, parts } = await on(given);
    expect(Object.keys(parts).sort()).toEqual(["contrast", "mlm", "reconstruction"]);
    expect(loss).toBeCloseTo(0.5 * parts.mlm! + 2 * parts.reconstruction! + 3 * parts.contrast!, 4);
  });

  it.each(["js", "symmetric-kl"])(
    "has a contrast of ln(2N − 1) where all distributions are equal, by %s",
    async (distance) => {
      const equal = withVectors((_, unit) => Math.sin(unit));
      expect((await on({ distance }, "contrast", equal)).loss).toBeCloseTo(Math.log(2 * 3 - 1), 5);
    },
  );

  it.each([
    ["js", Math.LN2],
    ["symmetric-kl", Number.POSITIVE_INFINITY],
  ])(
    "wants the views of a text alike: twins cost less than equal texts and than strangers, and no less than with negatives as far as can be, by %s",
    async (distance, farthest) => {
      const twins = withVectors((row, unit) => 3 * Math.sin((Math.floor(row / 2) + 1) * (unit + 1)));
      const temperature = 0.05;
      const { loss } = await on({ distance, temperature }, "contrast", twins);
      expect(loss).toBeLessThan(Math.log(5)); // less than of equal ones
      expect(loss).toBeGreaterThanOrEqual(Math.log(1 + 4 * Math.exp(-farthest / temperature)) - 1e-6);
      expect(loss).toBeLessThan((await on({ distance, temperature }, "contrast")).loss);
    },
  );

  it("has a temperature by its distance unless another is given", async () => {
    const at = async (given: Record<string, unknown>) => (await on(given, "contrast")).loss;
    expect(await at({ distance: "js" })).toBe(await at({ distance: "js", temperature: 0.1 }));
    expect(await at({ distance: "symmetric-kl" })).toBe(await at({ distance: "symmetric-kl", temperature: 1 }));
    expect(await at({ distance: "js" })).not.toBe(await at({ distance: "js", temperature: 1 }));
  });

  it("by js lies between ln N and ln(2N − 1) at temperature 1 and twins, whatever else is learnt, and falls far below at 0.1", async () => {
    const twins = withVectors((row, unit) => 30 * Math.sin((Math.floor(row / 2) + 1) * (unit + 1)));
    const { loss } = await on({ temperature: 1 }, "contrast", twins);
    expect(loss).toBeGreaterThanOrEqual(Math.log(3) - 1e-6);
    expect(loss).toBeLessThanOrEqual(Math.log(5) + 1e-6);
    expect((await on({}, "contrast", twins)).loss).toBeLessThan(loss - 0.3);
  });

  it("learns the contrast and the reconstruction through h_CLS alone", async () => {
    for (const part of ["contrast", "reconstruction"]) {
      const { gradients } = await on({}, part);
      const { first, others } = normsByPlace(gradients[last], { width: 32, hidden: 16 });
      expect(first).toBeGreaterThan(0);
      expect(others).toBe(0);
      expect(gradients["states.1"]).toBeUndefined();
    }
  });

  it("leaves out the contrast where only the reconstruction is wanted", async () => {
    const { loss, parts } = await on({ variant: "reconstruction-only" });
    expect(Object.keys(parts).sort()).toEqual(["mlm", "reconstruction"]);
    expect(loss).toBeCloseTo(parts.mlm! + parts.reconstruction!, 4);
  });
});

describe("cpdae's reconstruction", () => {
  /** Of texts whose two views have the same probabilities. */
  const lossOf = async (probabilities: readonly (readonly number[])[], bags: readonly (readonly number[])[]) => {
    const [texts, words] = [bags.length, probabilities[0]!.length];
    const logP = Float32Array.from(
      probabilities.flatMap((p) => [...p, ...p]),
      (p) => Math.log(Math.max(p, 1e-30)),
    );
    const pass = forwardPass({
      backend: await openBackend("onnx", { threads: 1 }),
      store: frozenWeights({}),
      run: (_, { logP, bag }: { logP: tf.Tensor; bag: { words: tf.Tensor; wordWeights: tf.Tensor } }) => ({
        loss: reconstructionLoss(logP as Tensor2D, bag as { words: Tensor2D; wordWeights: Tensor2D }),
      }),
    });
    const { loss } = await pass.run({ logP: { data: logP, shape: [2 * texts, words] }, bag: collateBag(bags, 6) });
    await pass.release();
    return loss!.data[0]!;
  };

  it("is ln m where p is uniform on the m words, and more for any other p", async () => {
    expect(await lossOf([[0.25, 0.25, 0.25, 0.25, 0, 0, 0]], [[0, 1, 2, 3]])).toBeCloseTo(Math.log(4), 5);
    expect(await lossOf([[0.3, 0.3, 0.2, 0.2, 0, 0, 0]], [[0, 1, 2, 3]])).toBeGreaterThan(Math.log(4) + 1e-3);
    expect(await lossOf([[0.2, 0.2, 0.2, 0.2, 0.2, 0, 0]], [[0, 1, 2, 3]])).toBeGreaterThan(Math.log(4) + 1e-3);
  });

  it("weighs each text alike, whatever number of words it has", async () => {
    const [p, q] = [
      [0.5, 0.5, 0, 0, 0, 0, 0],
      [0, 0, 0.2, 0.2, 0.2, 0.2, 0.2],
    ];
    expect(
      await lossOf(
        [p, q],
        [
          [0, 1],
          [2, 3, 4, 5, 6],
        ],
      ),
    ).toBeCloseTo((Math.log(2) + Math.log(5)) / 2, 5);
  });
});

const exampleOf = (given: Record<string, unknown>) => {
  const [example] = cpdae.examples(testDocuments[1]!, {
    random: seeded(1, "examples"),
    tokenizer,
    options: objectiveOptions(cpdae, given),
    number: 0,
    prepared: undefined,
    maxTokens: 48,
  });
  return example!;
};

describe("cpdae's decoder", () => {
  /** Rows of what is made of the word distributions of rows of ids. */
  const fromEncoder = async (
    rows: readonly (readonly number[])[],
    make: (logProbabilities: Tensor2D) => tf.Tensor,
    change = (weights: HostParameters) => weights,
  ) => {
    const config: EncoderConfig = smallConfig;
    const options = objectiveOptions(cpdae, {});
    const weights = change(initialize(config, cpdae.heads!(config, options), seeded(5, "initialize")));
    const shape = [rows.length, rows[0]!.length];
    const pass = forwardPass({
      backend: await openBackend("onnx", { threads: 1 }),
      store: frozenWeights(weights),
      run(parameters, { inputIds, attentionMask }: { inputIds: tf.Tensor; attentionMask: tf.Tensor }) {
        const root = scope(parameters);
        const tokens = { inputIds: inputIds as Tensor2D, attentionMask: attentionMask as Tensor2D };
        const vectors = clsPooling(encode(root.at("bert"), tokens, config));
        return { made: make(wordLogProbabilities(root, vectors, { config, tied: true })) };
      },
    });
    const inputIds = { data: Int32Array.from(rows.flat()), shape };
    const { made } = await pass.run({
      inputIds,
      attentionMask: { ...inputIds, data: new Int32Array(rows.flat().length).fill(1) },
    });
    await pass.release();
    const [, columns] = made!.shape as [number, number];
    return rows.map((_, i) => made!.data.slice(i * columns, (i + 1) * columns));
  };
  const decoded = (rows: readonly (readonly number[])[], change?: (weights: HostParameters) => HostParameters) =>
    fromEncoder(rows, tf.exp, change);
  const words = [20, 21, 22, 23, 24, 25];
  const row = (ids: readonly number[]) => [tokenizer.clsId, ...ids, tokenizer.sepId];

  it("gives probabilities that sum to 1", async () => {
    for (const p of await decoded([row(words), row([30, 31, 32, 33, 34, 35])]))
      expect([...p].reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
  });

  it("sees the order of the words only through the encoder's positions", async () => {
    const rows = [row(words), row(words.toReversed())];
    const [straight, reversed] = await decoded(rows);
    expect(Math.max(...straight!.map((p, i) => Math.abs(p - reversed![i]!)))).toBeGreaterThan(1e-4);
    const name = "bert.embeddings.position_embeddings.weight";
    const [without, reversedWithout] = await decoded(rows, (weights) => ({
      ...weights,
      [name]: { ...weights[name]!, data: new Float32Array(weights[name]!.data.length) },
    }));
    for (const [i, p] of without!.entries()) expect(p).toBeCloseTo(reversedWithout![i]!, 6);
  });

  it.each([
    ["Jensen-Shannon", jensenShannon],
    ["symmetric Kullback-Leibler", symmetricKullbackLeibler],
  ])("puts two views with the same masks at distance 0, and with other masks apart, by %s", async (_, distance) => {
    const { first, second } = exampleOf({});
    expect(first.inputIds).not.toEqual(second.inputIds);
    const [own] = await fromEncoder([first.inputIds, first.inputIds, second.inputIds], distance);
    expect(Math.abs(own![1]!)).toBeLessThan(1e-6);
    expect(own![2]).toBeGreaterThan(5e-5);
  });

  it("has a last matrix of its own where it is not tied", () => {
    const heads = (tiedDecoder: boolean) => cpdae.heads!(smallConfig, objectiveOptions(cpdae, { tiedDecoder }));
    expect(heads(true)["word_decoder.weight"]).toBeUndefined();
    expect(heads(false)["word_decoder.weight"]!.shape).toEqual([tokenizer.size, 16]);
  });
});

describe("cpdae's examples", () => {
  const original = ({ inputIds, positions, labels }: MaskedRow): number[] => {
    const ids = [...inputIds];
    positions.forEach((position, i) => {
      ids[position] = labels[i]!;
    });
    return ids;
  };

  it("are two views of one window, masked apart from each other, and its distinct tokens without special ones", () => {
    const { first, second, words } = exampleOf({});
    expect(original(first)).toEqual(original(second));
    expect(first.positions).not.toEqual(second.positions);
    expect(first.positions.length).toBe(7); // round(.15 · 46)
    expect(words).toEqual([...new Set(original(first).slice(1, -1))]);
  });

  it("show [MASK] at every chosen piece where so asked", () => {
    const { first, second } = exampleOf({ masking: "mask", maskRate: 0.5 });
    for (const { inputIds, positions } of [first, second]) {
      expect(positions.length).toBe(23);
      for (const position of positions) expect(inputIds[position]).toBe(tokenizer.maskId);
    }
  });
});
