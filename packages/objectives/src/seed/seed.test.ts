import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { type EncoderConfig, type HostParameters, initialize } from "@propria/transformer-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, lossOnStates, normsByPlace, smallConfig, someStates, tokenizer } from "../../test/on-states.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective } from "../testing.ts";
import { decode } from "./decoder.ts";
import seed from "./index.ts";

describe("seed", () => {
  testObjective(seed, { maxTokens: 32 });
});

const RELEASED = { decoderLayers: 1, window: 8 };

describe("seed with the second decoder that was released", () => {
  testObjective(seed, { options: RELEASED, backends: ["onnx"] }); // the cpu has the same ops above
});

describe("seed with a narrow decoder at the encoder's places, on half of the tokens", () => {
  const options = { decoderWidth: 8, decoderHeads: 2, positions: "shared", decodedShare: 0.5 };
  testObjective(seed, { options, backends: ["onnx"] });
});

const ids = Int32Array.from({ length: 12 }, (_, i) => 10 + i);
const other = 60; // a token that is not among them

/** The decoder's states of one row of 12 tokens, by place. */
async function statesOf(
  given: Record<string, unknown>,
  {
    inputIds = ids,
    vector = 1,
    change = (weights) => weights,
  }: {
    inputIds?: Int32Array;
    vector?: number;
    change?: (weights: HostParameters) => HostParameters;
  } = {},
): Promise<Float32Array[]> {
  const options = objectiveOptions(seed, given);
  const weights = initialize(smallConfig, seed.heads!(smallConfig, options), seeded(4, "initialize"));
  const pass = forwardPass({
    backend: await openBackend("onnx", { threads: 1 }),
    store: frozenWeights(change(weights)),
    run: (parameters, { row, cls }: { row: Tensor; cls: Tensor }) => ({
      states: decode(scope(parameters), row as Tensor2D, cls as Tensor2D, { config: smallConfig, options }),
    }),
  });
  const random = seeded(vector, "vector");
  const cls = { data: Float32Array.from({ length: 16 }, () => 4 * random() - 2), shape: [1, 16] };
  const { states } = await pass.run({ row: { data: inputIds, shape: [1, 12] }, cls });
  await pass.release();
  return Array.from({ length: 12 }, (_, i) => states!.data.slice(i * 16, (i + 1) * 16) as Float32Array);
}

/** Places whose states change when the token at `place` does. */
async function reachedFrom(place: number, given: Record<string, unknown>): Promise<number[]> {
  const [before, after] = [await statesOf(given), await statesOf(given, { inputIds: ids.with(place, other) })];
  return before.flatMap((state, i) => (state.join() === after[i]!.join() ? [] : [i]));
}

describe("seed's decoder", () => {
  it("sees at place i the tokens i − k + 1 … i and the first: another token at i − k changes nothing there", async () => {
    for (const window of [1, 2, 5])
      expect(await reachedFrom(3, { decoderLayers: 1, window })).toEqual(
        Array.from({ length: window }, (_, i) => 3 + i),
      );
    expect(await reachedFrom(0, { decoderLayers: 1, window: 2 })).toEqual([...ids.keys()]);
  });

  it("sees n (k − 1) tokens back through n layers", async () => {
    expect(await reachedFrom(3, { decoderLayers: 3, window: 2 })).toEqual([3, 4, 5, 6]);
    expect(await reachedFrom(3, { decoderLayers: 2, window: 1 })).toEqual([3]);
  });

  it("sees h_CLS everywhere", async () => {
    const [one, another] = [await statesOf({}), await statesOf({}, { vector: 2 })];
    for (const [i, state] of one.entries()) expect(state.join()).not.toBe(another[i]!.join());
  });

  it("is a bigram model with a window of 1, its cross-attention and positions zeroed: only the token itself matters", async () => {
    const change = (weights: HostParameters): HostParameters =>
      Object.fromEntries(
        Object.entries(weights).map(([name, each]) => {
          const zeroed = /crossattention\.output\.dense|decoder\.position/.test(name);
          return [name, zeroed ? { ...each, data: new Float32Array(each.data.length) } : each];
        }),
      );
    const given = { decoderLayers: 1, window: 1 };
    const shuffled = Int32Array.from([10, ...[...ids.subarray(1)].reverse()]);
    const [straight, reversed] = [
      await statesOf(given, { change }),
      await statesOf(given, { change, inputIds: shuffled, vector: 2 }),
    ];
    for (let i = 1; i < 12; i++)
      straight[i]!.forEach((value, k) => {
        expect(value).toBeCloseTo(reversed[12 - i]![k]!, 5);
      });
    expect(straight[1]!.join()).not.toBe(straight[2]!.join());
  });

  it("has a width of its own, which its heads must divide", () => {
    const heads = (given: Record<string, unknown>, config: EncoderConfig = smallConfig) =>
      seed.heads!(config, objectiveOptions(seed, given));
    const narrow = heads({ decoderWidth: 8, decoderLayers: 1 });
    expect(narrow["decoder.layer.0.intermediate.dense.weight"]!.shape).toEqual([16, 8]);
    expect(narrow["decoder.layer.0.crossattention.self.value.weight"]!.shape).toEqual([8, 16]);
    expect(() => heads({ decoderWidth: 9 })).toThrow("a decoder 9 wide cannot have 2 heads");
    expect(heads({ positions: "shared" })["decoder.position_embeddings.weight"]).toBeUndefined();
  });

  it("does not hold what a single key makes constant: queries and keys of the cross-attention", () => {
    const names = Object.keys(seed.heads!(smallConfig, objectiveOptions(seed, {})));
    expect(names.filter((name) => /crossattention\.self\.(query|key)/.test(name))).toEqual([]);
  });
});

describe("seed's loss", () => {
  const states = someStates(2, 32, smallConfig);
  const last = "states.2";

  it("is half of each part, which start near ln |V|", async () => {
    const { loss, parts } = await lossOnStates(seed, {}, batchOf(seed, {}), states, {
      config: { ...smallConfig, initializerRange: 0.02 },
    });
    expect(loss).toBeCloseTo((parts.mlm! + parts.decoder!) / 2, 5);
    for (const part of [parts.mlm!, parts.decoder!])
      expect(Math.abs(part - Math.log(tokenizer.size))).toBeLessThan(0.3);
  });

  it("reaches the encoder through h_CLS alone where it is the decoder's", async () => {
    const batch = batchOf(seed, {});
    const norms = async (part: string) => {
      const { gradients } = await lossOnStates(seed, {}, batch, states, { part });
      return normsByPlace(gradients[last], { width: 32, hidden: 16 });
    };
    const decoder = await norms("decoder");
    expect(decoder.first).toBeGreaterThan(0);
    expect(decoder.others).toBe(0);
    const mlm = await norms("mlm");
    expect(mlm.first).toBe(0);
    expect(mlm.others).toBeGreaterThan(0);
  });
});

describe("seed's examples", () => {
  const examplesOf = (given: Record<string, unknown>, draw = 1) => [
    ...seed.examples(testDocuments[0]!, {
      random: seeded(draw, "examples"),
      tokenizer,
      options: objectiveOptions(seed, given),
      number: 0,
      prepared: undefined,
      maxTokens: 32,
    }),
  ];

  it("have the window masked for the encoder, and whole for the decoder", () => {
    const [{ masked, next }] = examplesOf({}) as [ReturnType<typeof examplesOf>[number]];
    const original = [...masked.inputIds];
    masked.positions.forEach((position, i) => {
      original[position] = masked.labels[i]!;
    });
    expect(next.inputIds).toEqual(original);
    expect(next.inputIds.length).toBe(32);
    expect(next.positions).toEqual(Array.from({ length: 31 }, (_, i) => i));
    expect(next.labels).toEqual(next.inputIds.slice(1)); // [SEP] among them
  });

  it("score a share of the tokens, others in each epoch", () => {
    const [a, b] = [examplesOf({ decodedShare: 0.25 })[0]!.next, examplesOf({ decodedShare: 0.25 }, 2)[0]!.next];
    expect(a.positions.length).toBe(8); // round(.25 · 31)
    expect(a.labels).toEqual(a.positions.map((place) => a.inputIds[place + 1]));
    expect(a.positions).not.toEqual(b.positions);
  });
});
