import { seeded } from "@propria/base";
import { forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import { initialize } from "@propria/transformer-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, lossOnStates, normsByPlace, smallConfig, someStates, tokenizer } from "../../test/on-states.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective } from "../testing.ts";
import { decode } from "./decoder.ts";
import { withoutWords } from "./examples.ts";
import tsdae from "./index.ts";

describe("tsdae", () => {
  testObjective(tsdae, { maxTokens: 32 });
});

describe("tsdae with a decoder of its own and the mean of the tokens", () => {
  const options = { tied: false, decoderLayers: 1, pooling: "mean", decodedShare: 0.5, window: 4 };
  testObjective(tsdae, { options, backends: ["onnx"] }); // the cpu has the same ops above
});

describe("tsdae's decoder", () => {
  const ids = Int32Array.from({ length: 8 }, (_, i) => 10 + i);
  const statesOf = async (inputIds: Int32Array, vector: number) => {
    const options = objectiveOptions(tsdae, {});
    const weights = initialize(smallConfig, tsdae.heads!(smallConfig, options), seeded(4, "initialize"));
    const pass = forwardPass({
      backend: await openBackend("onnx", { threads: 1 }),
      store: frozenWeights(weights),
      run: (parameters, { row, text }: { row: Tensor; text: Tensor }) => ({
        states: decode(scope(parameters), row as Tensor2D, text as Tensor2D, { config: smallConfig, options }),
      }),
    });
    const text = { data: new Float32Array(16).map((_, i) => Math.sin(vector * (i + 1))), shape: [1, 16] };
    const { states } = await pass.run({ row: { data: inputIds, shape: [1, 8] }, text });
    await pass.release();
    return Array.from({ length: 8 }, (_, i) => states!.data.slice(i * 16, (i + 1) * 16).join());
  };

  it("sees every token before, none after, and the vector", async () => {
    const before = await statesOf(ids, 1);
    const after = await statesOf(ids.with(3, 60), 1);
    expect(before.map((state, i) => state === after[i])).toEqual([...ids.keys()].map((i) => i < 3));
    const another = await statesOf(ids, 2);
    expect(before.filter((state, i) => state === another[i])).toEqual([]);
  });

  it("has of its own, tied, only what attends to the vector; else its layers too, but no embeddings", () => {
    const names = (given: Record<string, unknown>) =>
      Object.keys(tsdae.heads!(smallConfig, objectiveOptions(tsdae, given))).filter((name) =>
        name.startsWith("decoder"),
      );
    expect(names({}).filter((name) => !name.includes("crossattention"))).toEqual([]);
    expect(names({}).length).toBe(2 * 6); // two maps and a LayerNorm in each of two layers
    expect(names({ tied: false }).filter((name) => name.includes("attention.self.query"))).toHaveLength(4); // weight and bias of two layers
    expect(names({ tied: false, decoderLayers: 5 }).some((name) => name.startsWith("decoder.layer.4."))).toBe(true);
    expect(names({ decoderLayers: 5 }).some((name) => name.startsWith("decoder.layer.2."))).toBe(false);
  });
});

describe("tsdae's loss", () => {
  it.each([
    ["cls", true, false],
    ["mean", true, true],
  ])("reaches the encoder through the pooled vector alone: %s", async (pooling, first, others) => {
    const batch = batchOf(tsdae, { pooling });
    const { inputIds } = batch.damaged as unknown as { inputIds: { shape: readonly number[] } };
    const states = someStates(2, inputIds.shape[1]!, smallConfig);
    const { gradients } = await lossOnStates(tsdae, { pooling }, batch, states);
    const norms = normsByPlace(gradients["states.2"], { width: inputIds.shape[1]!, hidden: 16 });
    expect([norms.first > 0, norms.others > 0]).toEqual([first, others]);
  });
});

describe("tsdae's examples", () => {
  const document = testDocuments[0]!;
  const exampleOf = (given: Record<string, unknown>, draw = 1) => {
    const [example] = tsdae.examples(document, {
      random: seeded(draw, "examples"),
      tokenizer,
      options: objectiveOptions(tsdae, given),
      number: 0,
      prepared: undefined,
      maxTokens: 512,
    });
    return example!;
  };

  it("are the whole text, every next token of it, and the text with words left out", () => {
    const { damaged, next } = exampleOf({});
    expect(next.labels).toEqual(next.inputIds.slice(1));
    expect(damaged.length).toBeLessThan(next.inputIds.length);
    let place = 0; // what is left stands in the same order
    for (const id of damaged) place = next.inputIds.indexOf(id, place) + 1 || Number.POSITIVE_INFINITY;
    expect(place).toBe(next.inputIds.length);
  });

  it("delete 60 % of the words, all pieces of each", () => {
    const ids = tokenizer.encode(document.text);
    const wordsOf = (ids: readonly number[]) =>
      ids
        .map((id) => `${tokenizer.isContinuation(id) ? "," : " "}${id}`)
        .join("")
        .trim()
        .split(" ");
    let [words, kept] = [0, 0];
    for (let draw = 0; draw < 200; draw++) {
      const left = wordsOf(withoutWords(ids, 0.6, { random: seeded(draw, "deletion"), tokenizer }));
      words += wordsOf(ids).length;
      kept += left.length;
      for (const word of left) expect(wordsOf(ids)).toContain(word);
    }
    expect(Math.abs(kept / words - 0.4)).toBeLessThan(0.02); // five deviations of 13,000 draws
  });

  it("keep one word at least", () => {
    const river = tokenizer.encode("river water");
    for (let draw = 0; draw < 50; draw++)
      expect(withoutWords(river, 0.999, { random: seeded(draw, "deletion"), tokenizer }).length).toBeGreaterThan(0);
  });
});
