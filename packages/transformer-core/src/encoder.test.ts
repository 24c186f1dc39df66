import { seeded } from "@propria/base";
import {
  type Dropout,
  forwardPass,
  frozenWeights,
  openBackend,
  ParameterStore,
  type Sites,
  scope,
  trainingStep,
} from "@propria/engine";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
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
  attentionBias,
  clsPooling,
  encode,
  encodeCls,
  encodeLayers,
  initialize,
  loadCheckpoint,
  type MaskedTokens,
  maskedLanguageModelInits,
  maskedTokenLoss,
  meanPooling,
  namedConfig,
  pooler,
  poolerInits,
  rankingHead,
  rankingInits,
  type Tokens,
  transformerLayer,
  transformerLayerInits,
} from "./index.ts";

const config = {
  ...namedConfig("tiny", { vocabSize: 30, maxPositions: 16, attentionDropout: 0.2 }),
  hiddenSize: 8,
  heads: 2,
  intermediateSize: 16,
};
const heads = { ...poolerInits(config), ...rankingInits(config), ...maskedLanguageModelInits(config) };
const backend = await openBackend("cpu");
const store = frozenWeights(initialize({ ...config, initializerRange: 0.5 }, heads, seeded(1)));

/** Runs `results` on the tokens `ids`; an id of 0 is padding. */
async function run(
  ids: readonly (readonly number[])[],
  results: (
    hidden: ReturnType<typeof encode>,
    mask: Tensor2D,
    root: ReturnType<typeof scope>,
    tokens: Tokens,
  ) => Record<string, Tensor>,
  { sites = {}, dropout = { mask: () => undefined } }: { sites?: Sites; dropout?: Dropout } = {},
) {
  const pass = forwardPass<Record<"inputIds" | "attentionMask", Matrix>>({
    backend,
    store,
    run(parameters, batch) {
      const root = scope(parameters, "", { sites, dropout });
      return results(encode(root.at("bert"), batch, config), batch.attentionMask, root, batch);
    },
  });
  const mask = ids.map((row) => row.map((id) => (id === 0 ? 0 : 1)));
  return pass.run({ inputIds: rows(Int32Array, ids), attentionMask: rows(Int32Array, mask) });
}

describe("encode", () => {
  it("gives a text the same hidden states whatever padding and neighbours it has", async () => {
    const { hidden: alone } = await run([[4, 5, 6]], (hidden) => ({ hidden }));
    const { hidden: padded } = await run(
      [
        [4, 5, 6, 0, 0],
        [7, 8, 9, 10, 11],
      ],
      (hidden) => ({ hidden }),
    );
    expect(largestDifference(padded!.data.subarray(0, 3 * 8), alone!.data)).toBeLessThan(1e-6);
  });

  it.each([
    ["without the last layer's others", {}, "0.2 [2,2,1,5]"],
    [
      "with them where something is attached",
      { sublayer: (_: string, x: Tensor, y: Tensor) => tf.add(x, y) },
      "0.2 [2,2,5,5]",
    ],
  ])("gives the first token alone, %s", async (_, sites, lastAttention) => {
    const ids = [
      [4, 5, 6, 0, 0],
      [7, 8, 9, 10, 11],
    ];
    const attended: string[] = [];
    const mask = (shape: number[], rate: number) => void (shape.length === 4 && attended.push(`${rate} [${shape}]`));
    const given = { sites: sites as Sites, dropout: { mask: mask as Dropout["mask"] } };
    const { first, expected } = await run(
      ids,
      (hidden, _, root, tokens) => ({
        first: encodeCls(root.at("bert"), tokens, config),
        expected: clsPooling(hidden),
      }),
      given,
    );
    expect(first!.shape).toEqual([2, 8]);
    expect(largestDifference(first!.data, expected!.data)).toBeLessThan(1e-6);
    expect(attended.at(-1)).toBe(lastAttention);
  });

  it("refuses a batch with more tokens than positions", async () => {
    const ids = [Array<number>(17).fill(4)];
    await expect(run(ids, (hidden) => ({ hidden }))).rejects.toThrow(
      "a batch of 17 tokens, and the model has 16 positions (at most 16 tokens)",
    );
  });

  it("drops at BERT's places: embeddings, attention probabilities, and each sub-layer's output", async () => {
    const places: string[] = [];
    const dropout: Dropout = {
      mask(shape, rate) {
        places.push(`${rate} [${shape}]`);
        return undefined;
      },
    };
    await run([[4, 5, 6]], (hidden, _, root) => ({ s: rankingHead(root, clsPooling(hidden), config) }), { dropout });
    const layer = ["0.2 [1,2,3,3]", "0.1 [1,3,8]", "0.1 [1,3,8]"];
    expect(places).toEqual(["0.1 [1,3,8]", ...layer, ...layer, "0.1 [1,8]"]);
  });
});

describe("pooling", () => {
  it("takes the first token, or the mean of those that are no padding", async () => {
    const { hidden, cls, mean, tanh } = await run([[4, 5, 0]], (hidden, mask, root) => ({
      hidden,
      cls: clsPooling(hidden),
      mean: meanPooling(hidden, mask),
      tanh: pooler(root.at("bert"), clsPooling(hidden)),
    }));
    const [first, second] = [hidden!.data.subarray(0, 8), hidden!.data.subarray(8, 16)];
    expect(cls).toEqual({ data: first, shape: [1, 8] });
    expect(
      largestDifference(
        mean!.data,
        first.map((x, i) => (x + second[i]!) / 2),
      ),
    ).toBeLessThan(1e-6);
    expect(tanh!.shape).toEqual([1, 8]);
    expect(Math.max(...tanh!.data.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it("gives a text that is all padding a mean of 0", async () => {
    const { mean } = await run([[0, 0]], (hidden, mask) => ({ mean: meanPooling(hidden, mask) }));
    expect([...mean!.data]).toEqual(Array(8).fill(0));
  });
});

describe("maskedTokenLoss", () => {
  const loss = (positions: number[], labels: number[], weights: number[]) =>
    forwardPass<Record<"inputIds" | "attentionMask" | keyof MaskedTokens, Matrix>>({
      backend,
      store,
      run(parameters, batch) {
        const root = scope(parameters);
        return { loss: maskedTokenLoss(root, encode(root.at("bert"), batch, config), batch, config) };
      },
    })
      .run({
        inputIds: rows(Int32Array, [[4, 5, 6]]),
        attentionMask: rows(Int32Array, [[1, 1, 1]]),
        maskedPositions: rows(Int32Array, [positions]),
        maskedLabels: rows(Int32Array, [labels]),
        maskedWeights: rows(Float32Array, [weights]),
      })
      .then(({ loss }) => loss!.data[0]!);

  it("is the mean over masked positions: filling does not count", async () => {
    const [one, two] = [await loss([1], [9], [1]), await loss([2], [10], [1])];
    expect(await loss([1, 2], [9, 10], [1, 1])).toBeCloseTo((one + two) / 2, 5);
    expect(await loss([1, 0, 0], [9, 0, 0], [1, 0, 0])).toBeCloseTo(one, 5);
  });

  it("is 0 when nothing is masked", async () => {
    expect(await loss([0, 0], [0, 0], [0, 0])).toBe(0);
  });
});

describe("training with dropout", () => {
  it("has the same loss and gradients on both backends, others at another step", async () => {
    const { batch } = oracleJson<{ batch: OracleBatch }>("expected.json");
    const rates = { dropout: 0.1, attentionDropout: 0.1 };
    const loaded = await loadCheckpoint(oracle("tiny-bert"), { heads: allHeads });
    const gradients = async (name: "cpu" | "onnx", number: number) => {
      const step = trainingStep<ReturnType<typeof asArrays>>({
        backend: await openBackend(name),
        store: ParameterStore.create(loaded.parameters),
        seed: 3,
        loss(parameters, batch, { dropout }) {
          const root = scope(parameters, "", { dropout });
          const config = { ...loaded.config, ...rates };
          return { loss: maskedTokenLoss(root, encode(root.at("bert"), batch, config), batch, config) };
        },
      });
      const result = await step.gradients(asArrays(batch), { step: number });
      await step.release();
      return result;
    };
    const [cpu, onnx] = [await gradients("cpu", 1), await gradients("onnx", 1)];
    expect(onnx.loss).toBeCloseTo(cpu.loss, 5);
    for (const [name, gradient] of Object.entries(cpu.gradients))
      expect(largestDifference(onnx.gradients[name]!, gradient), name).toBeLessThan(1e-5);
    expect(Math.abs((await gradients("onnx", 2)).loss - onnx.loss)).toBeGreaterThan(1e-3);
  });
});

describe("encodeLayers", () => {
  it("gives the embeddings, then each layer, and last what encode gives", async () => {
    const tokens = { inputIds: rows(Int32Array, [[4, 5, 6]]), attentionMask: rows(Int32Array, [[1, 1, 1]]) };
    const layers = await forwardPass<typeof tokens>({
      backend,
      store,
      run(parameters, batch) {
        const bert = scope(parameters, "bert");
        const [embeddings, first, second, ...more] = encodeLayers(bert, batch, config);
        expect(more).toEqual([]);
        const bias = attentionBias(batch.attentionMask);
        const again = transformerLayer(bert.at("encoder.layer.0"), embeddings!, bias, config);
        return { first: first!, again, second: second!, last: encode(bert, batch, config) };
      },
    }).run(tokens);
    expect(layers.again).toEqual(layers.first);
    expect(layers.last).toEqual(layers.second);
    expect(layers.first).not.toEqual(layers.second);
  });
});

describe("transformerLayer", () => {
  it("is also a layer of one's own, with a window", async () => {
    const inits = transformerLayerInits("decoder.layer.0", config);
    const own = frozenWeights(initialize({ ...config, initializerRange: 0.5 }, inits, seeded(2)));
    const bias = [0, -1e4, -1e4, 0, 0, -1e4, -1e4, 0, 0]; // each token sees itself and the one before
    const through = (ids: number[]) =>
      forwardPass<{ inputIds: Matrix }>({
        backend,
        store: own,
        run: (parameters, { inputIds }) => ({
          y: transformerLayer(
            scope(parameters, "decoder.layer.0"),
            tf.gather(parameters["bert.embeddings.word_embeddings.weight"]!, inputIds) as Tensor3D,
            tf.tensor(bias, [1, 1, 3, 3]) as Tensor4D,
            config,
          ),
        }),
      }).run({ inputIds: rows(Int32Array, [ids]) });
    const [a, b] = [(await through([4, 5, 6])).y!.data, (await through([7, 5, 6])).y!.data];
    expect(largestDifference(a.subarray(16), b.subarray(16))).toBe(0);
    expect(largestDifference(a.subarray(8, 16), b.subarray(8, 16))).toBeGreaterThan(1e-3);
  });
});
