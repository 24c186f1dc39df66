import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, type Sites, scope } from "@propria/engine";
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { largestDifference, type Matrix, rows } from "../test/fixtures.ts";
import {
  clsAttention,
  encode,
  encodeCls,
  encoderSites,
  initialize,
  namedConfig,
  pooler,
  poolerInits,
} from "./index.ts";

const config = {
  ...namedConfig("tiny", { vocabSize: 30, maxPositions: 16 }),
  hiddenSize: 8,
  heads: 2,
  intermediateSize: 12,
};
const backend = await openBackend("cpu");
const store = frozenWeights(initialize({ ...config, initializerRange: 0.5 }, poolerInits(config), seeded(1)));
const tokens = {
  inputIds: rows(Int32Array, [
    [4, 5, 6],
    [7, 8, 0],
  ]),
  attentionMask: rows(Int32Array, [
    [1, 1, 1],
    [1, 1, 0],
  ]),
};

async function hiddenStates(sites: Sites = {}): Promise<Float32Array> {
  const run = { backend, store };
  const { hidden } = await forwardPass<Record<keyof typeof tokens, Matrix>>({
    ...run,
    run: (parameters, batch) => ({ hidden: encode(scope(parameters, "bert", { sites }), batch, config) }),
  }).run(tokens);
  return hidden!.data as Float32Array;
}

describe("encoderSites", () => {
  it("lists the sites that the encoder and the pooler ask at, in their order, with their widths", async () => {
    const asked: string[] = [];
    const note =
      (kind: string) =>
      (path: string, ...tensors: Tensor[]): Tensor | undefined => {
        const widths = [...tensors.slice(0, 1), ...tensors.slice(-1)].map(({ shape }) => shape.at(-1));
        asked.push(`${kind} ${path} ${widths.join()}`);
        return kind === "prefix" || kind === "positions" ? undefined : tensors.at(-1);
      };
    const kinds = [...new Set(encoderSites(config).map(({ kind }) => kind))];
    const sites = Object.fromEntries(kinds.map((kind) => [kind, note(kind)])) as Sites;
    await forwardPass<Record<keyof typeof tokens, Matrix>>({
      ...{ backend, store },
      run(parameters, batch) {
        const bert = scope(parameters, "bert", { sites });
        return { pooled: pooler(bert, encodeCls(bert, batch, config)) };
      },
    }).run(tokens);
    const listed = encoderSites(config, { pooler: true });
    expect(asked).toEqual(listed.map(({ kind, path, width, out }) => `${kind} ${path} ${width},${out}`));
  });
});

describe("what is attached", () => {
  const zeros = (length: number, batch = 1): Tensor3D => tf.zeros([batch, length, config.hiddenSize]);

  it("as a prefix takes a share of the attention, is hidden by its bias, and may differ between texts", async () => {
    const alone = await hiddenStates();
    const before = await hiddenStates({ prefix: () => ({ keys: zeros(2), values: zeros(2) }) });
    expect(before.length).toBe(alone.length);
    expect(largestDifference(before, alone)).toBeGreaterThan(1e-2);

    const hiding = (...perText: number[]) => ({
      keys: zeros(2, 2),
      values: zeros(2, 2),
      bias: tf.tensor4d(
        perText.flatMap((bias) => [bias, bias]),
        [2, 1, 1, 2],
      ),
    });
    expect(largestDifference(await hiddenStates({ prefix: () => hiding(-1e4, -1e4) }), alone)).toBe(0);
    const mixed = await hiddenStates({ prefix: () => hiding(-1e4, 0) });
    const half = alone.length / 2;
    expect(largestDifference(mixed.subarray(0, half), alone.subarray(0, half))).toBeLessThan(1e-6);
    expect(largestDifference(mixed.subarray(half), before.subarray(half))).toBeLessThan(1e-6);
  });

  it("to positions moves the texts", async () => {
    const at = (start: number): Sites => ({
      positions: (_, table, words) => tf.slice(table, [start, 0], [words.shape[1], config.hiddenSize]),
    });
    expect(await hiddenStates(at(0))).toEqual(await hiddenStates());
    expect(largestDifference(await hiddenStates(at(2)), await hiddenStates())).toBeGreaterThan(1e-3);
  });

  it("to the stack changes the last states alone, and not what [CLS] attends to", async () => {
    const attention = async (sites: Sites) =>
      (
        await forwardPass<Record<keyof typeof tokens, Matrix>>({
          ...{ backend, store },
          run: (parameters, batch) => ({ a: clsAttention(scope(parameters, "bert", { sites }), batch, config) }),
        }).run(tokens)
      ).a!.data;
    const stack: Sites = { stack: (_, x, y) => tf.add(x, y) };
    expect(await attention(stack)).toEqual(await attention({}));
    expect(await hiddenStates(stack)).not.toEqual(await hiddenStates());

    const prefix: Sites = { prefix: () => ({ keys: zeros(2), values: zeros(2) }) };
    const shares = [...(await attention(prefix))].reduce((sum, share) => sum + share, 0);
    expect(shares).toBeGreaterThan(0);
    expect(shares).toBeLessThan(4); // 2 texts of 2 heads: the prefix has the rest
  });
});
