import { seeded } from "@propria/base";
import { noDropout, openBackend, ParameterStore, registerGradients, scope, trainingStep } from "@propria/engine";
import { encode, encodeLayers, type HostParameters, initialize } from "@propria/transformer-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../engine/src/trace/emit.ts";
import type { Value } from "../../engine/src/trace/graph.ts";
import { traceLoss } from "../../engine/src/trace/trace.ts";
import { attach } from "./attach.ts";
import { namedAdapter } from "./index.ts";
import { tinyConfig as config, tinyBatch } from "./testing.ts";

const base = initialize(config, {}, seeded(1, "base"));
const attached = (name: string, options: Record<string, unknown> = {}) =>
  attach(namedAdapter(name).adapter, { config, options: { ...namedAdapter(name).options, ...options } });

beforeAll(async () => {
  await openBackend("cpu");
  await registerGradients();
});

/** The graph of a training step, its matrices in the order of shapes, and the store that it fills. */
function graphOf(attachment: ReturnType<typeof attached> | undefined, dropout = noDropout) {
  const own = attachment?.initialize(seeded(2)) ?? {};
  const store = ParameterStore.create(
    { ...base, ...own },
    attachment ? { trainable: (name) => Object.hasOwn(own, name) } : {},
  );
  const traced = traceLoss({
    inputs: new Map(["inputIds", "attentionMask"].map((name) => [name, { shape: [3, 4], dtype: "int32" as const }])),
    store,
    loss(parameters, inputs) {
      const tokens = {
        inputIds: inputs.get("inputIds") as Tensor2D,
        attentionMask: inputs.get("attentionMask") as Tensor2D,
      };
      const bert = scope(parameters, "bert", attachment ? { sites: attachment.sites(parameters, { dropout }) } : {});
      return { loss: tf.sum(tf.square(encode(bert, tokens, config))) as Scalar };
    },
  });
  const outputs = new Map<string, Value>([["loss", traced.loss]]);
  for (const { name, dense, additions } of traced.gradients) {
    if (dense) outputs.set(name, dense);
    for (const [i, { rows }] of additions.entries()) outputs.set(`${name} ${i}`, rows);
  }
  return {
    store,
    own,
    nodes: emit(outputs).nodeCount,
    values: everything([...outputs.values()]),
    trained: traced.gradients,
  };
}

function everything(roots: Value[]): Value[] {
  const seen = new Set<Value>();
  const stack = [...roots];
  while (stack.length > 0) {
    const value = stack.pop()!;
    if (seen.has(value)) continue;
    seen.add(value);
    stack.push(...value.inputs);
  }
  return [...seen];
}

const products = (values: readonly Value[]) => values.filter(({ op }) => /MatMul|Gemm/.test(op));

describe("frozen weights", () => {
  const full = graphOf.bind(undefined, undefined);

  it("have no gradient in the graph: no product has the shape of one, and the backward pass is as short as can be", () => {
    const all = full();
    const shapes = ["16,16", "24,16", "16,24"]; // of the linear maps; rows of activations are 12
    const ofWeights = (values: readonly Value[]) => products(values).filter(({ shape }) => shapes.includes(`${shape}`));
    expect(ofWeights(all.values).length).toBe(2 * 6);
    const small = { rank: 3 };
    const asides = { ...small, asideRank: 3 };
    const methods: Record<string, Record<string, unknown>> = {
      ...{ bitfit: {}, lora: small, adapter: small, prefix: { length: 3, reparameterize: false } },
      ...{ mam: { ...small, length: 3, reparameterize: false }, "iaa-s": asides, "iaa-l": asides, "iaa-m": asides },
    };
    const counts = Object.fromEntries(
      Object.entries(methods).map(([name, options]) => {
        const { values, nodes, trained, own } = graphOf(attached(name, options));
        expect(ofWeights(values).length, name).toBe(0);
        expect(trained.map((each) => each.name).sort(), name).toEqual(Object.keys(own).sort());
        return [name, nodes];
      }),
    );
    // Nodes of a step, forward and backward, of two layers: whoever changes the engine sees here what it costs.
    expect({ full: all.nodes, ...counts }).toMatchInlineSnapshot(`
      {
        "adapter": 280,
        "bitfit": 255,
        "full": 273,
        "iaa-l": 323,
        "iaa-m": 300,
        "iaa-s": 369,
        "lora": 241,
        "mam": 291,
        "prefix": 255,
      }
    `);
  });

  it("are not gone through below the lowest trained parameter", () => {
    const high = graphOf(attached("lora", { targets: ["layer.1.output.dense"] }));
    const low = graphOf(attached("lora", { targets: ["layer.0.output.dense"] }));
    expect(high.nodes).toBeLessThan(0.75 * low.nodes);
  });

  it("have no gradient, no moments and no place for them in memory", () => {
    for (const name of ["lora", "iaa-l"]) {
      const { store, own } = graphOf(attached(name));
      const floats = (parameters: HostParameters) =>
        Object.values(parameters).reduce((sum, { data }) => sum + Math.ceil(data.length / 16) * 16, 0);
      expect(store.trainedLength).toBe(floats(own));
      expect(Object.keys(store.optimizerState())).toHaveLength(2 * Object.keys(own).length);
      expect(() => store.gradient("bert.embeddings.word_embeddings.weight")).toThrow("is frozen");
      const page = 65536;
      expect(store.memory.buffer.byteLength).toBeLessThan(4 * floats(base) + 16 * floats(own) + page);
    }
  });
});

type Moved = Record<string, { shape: readonly number[]; data: Float32Array }>;

/** Every value moved by up to ±0.2, the same for the same name. */
function moved(parameters: HostParameters): Moved {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => {
      const random = seeded(3, name);
      return [name, { shape, data: data.map((value) => value + 0.4 * (random() - 0.5)) }];
    }),
  );
}

/** The gradients of a loss of the last hidden states, and every layer's states. */
async function gradientsAndStates(model: HostParameters, own: HostParameters, attachment: ReturnType<typeof attached>) {
  const states: Record<string, number[]> = {};
  const { gradients } = await trainingStep<typeof tinyBatch>({
    backend: await openBackend("cpu"),
    store: ParameterStore.create({ ...model, ...own }, { trainable: (name) => Object.hasOwn(own, name) }),
    seed: 1,
    loss(parameters, batch) {
      const layers = encodeLayers(scope(parameters, "bert", { sites: attachment.sites(parameters) }), batch, config);
      for (const [i, state] of layers.entries()) states[i] = [...state.dataSync()];
      const target = tf.tensor(
        Array.from({ length: 192 }, (_, i) => Math.sin(i)),
        [3, 4, 16],
      );
      return { loss: tf.mean(tf.square(tf.sub(layers.at(-1)!, target))) as Scalar };
    },
  }).gradients(tinyBatch, { step: 1 });
  return { gradients, states };
}

const normOf = (gradients: Record<string, Float32Array>, pattern: RegExp): number =>
  Math.hypot(...Object.entries(gradients).flatMap(([name, values]) => (pattern.test(name) ? [...values] : [])));

describe("lora", () => {
  it("has at the start a gradient of B and none of A", async () => {
    const attachment = attached("lora", { rank: 2 });
    const { gradients } = await gradientsAndStates(base, attachment.initialize(seeded(2)), attachment);
    expect(normOf(gradients, /lora_A/)).toBe(0);
    expect(normOf(gradients, /lora_B/)).toBeGreaterThan(1e-4);
  });
});

describe("lora in training", () => {
  it("drops a share of what goes into A, at each map that it changes, and nothing else", () => {
    const places: string[] = [];
    const dropout = {
      mask: (shape: readonly number[], rate: number) => void places.push(`${rate} [${shape}]`) as undefined,
    };
    const attachment = attached("lora", { rank: 2 });
    graphOf(attachment, dropout);
    expect(places).toEqual(Array(4).fill("0.1 [12,16]")); // 3 texts of 4 tokens; query and value of two layers
  });
});

describe("mam", () => {
  it("without a prefix and with a scale of 0 changes nothing, and in a row is not what it is beside", async () => {
    const states = async (name: string, options: Record<string, unknown>, rename = (each: string) => each) => {
      const attachment = attached(name, options);
      const values = moved(attached("parallel", { rank: 2 }).initialize(seeded(2)));
      const own = Object.fromEntries(Object.entries(values).map(([each, value]) => [rename(each), value]));
      return (await gradientsAndStates(base, own, attachment)).states[2]!;
    };
    const beside = await states("parallel", { rank: 2, scale: 1 });
    const alone = await states("parallel", { rank: 2, scale: 0 });
    const nothing = attached("lora", { rank: 1 });
    expect(alone).toEqual((await gradientsAndStates(base, nothing.initialize(seeded(2)), nothing)).states[2]);
    expect(beside).not.toEqual(alone);
    const row = await states("adapter", { rank: 2, activation: "relu", targets: ["output"] }, (each) =>
      each.replace(".parallel.", ".adapter."),
    );
    expect(row).not.toEqual(beside);
  });
});

describe("iaa", () => {
  const inside = attached("adapter", { rank: 2 });
  const insideValues = moved(inside.initialize(seeded(2)));

  it.each(["iaa-s", "iaa-l", "iaa-m"])("%s is the adapter inside it while its aside modules give 0", async (name) => {
    const attachment = attached(name, { rank: 2, asideRank: 2 });
    const own = { ...attachment.initialize(seeded(2)), ...insideValues };
    const { states } = await gradientsAndStates(base, own, attachment);
    expect(states).toEqual((await gradientsAndStates(base, insideValues, inside)).states);
  });

  it("iaa-m changes the last hidden states alone", async () => {
    const attachment = attached("iaa-m", { rank: 2, asideRank: 2 });
    const own = { ...moved(attachment.initialize(seeded(2))), ...insideValues };
    const { states } = await gradientsAndStates(base, own, attachment);
    const { states: without } = await gradientsAndStates(base, insideValues, inside);
    expect([states[0], states[1]]).toEqual([without[0], without[1]]);
    expect(states[2]).not.toEqual(without[2]);
  });

  it("has a way for gradients on which all is trained: that of scattered adapters vanishes with the frozen weights above them", async () => {
    const fading = (share: number): HostParameters =>
      Object.fromEntries(
        Object.entries(base).map(([name, { shape, data }]) => [
          name,
          name.includes(".layer.1.") ? { shape, data: data.map((value) => value * share) } : { shape, data },
        ]),
      );
    const left = async (name: string, options: Record<string, unknown>, pattern: RegExp) => {
      const attachment = attached(name, options);
      const own = moved(attachment.initialize(seeded(2)));
      const norm = async (share: number) =>
        normOf((await gradientsAndStates(fading(share), own, attachment)).gradients, pattern);
      return (await norm(1e-5)) / (await norm(1e-3));
    };
    const options = { rank: 2, asideRank: 2 };
    expect(await left("adapter", { rank: 2 }, /layer\.0\..*adapter\./)).toBeLessThan(0.05); // as the weights do: 0.01
    expect(await left("iaa-s", options, /layer\.0\..*aside\./)).toBeCloseTo(1, 1);
    expect(await left("iaa-l", options, /layer\.0\..*aside\./)).toBeCloseTo(1, 1);
    expect(await left("iaa-l", options, /layer\.0\..*adapter\./)).toBeCloseTo(1, 1);
  });
});
