import { forwardPass, frozenWeights, scope } from "@propria/engine";
import { clsAttention, type Tokens } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import { tinyModel } from "../../test/model.ts";
import { type AttentionSettings, type WordWeights, wordAttention } from "../index.ts";

const model = await tinyModel();
const TEXT = "The rivers, the sea. A heron, the lamp";

async function weigh(texts: readonly string[], settings: AttentionSettings & { batchTokens?: number } = {}) {
  const attention = wordAttention(model, settings);
  const found = await attention.weigh(texts);
  await attention.release();
  return found;
}
const total = ({ weights, others }: WordWeights) => [...weights, ...others].reduce((sum, x) => sum + x, 0);
const weightOf = ({ words, weights }: WordWeights, word: string) => weights[words.indexOf(word)]!;

/** The mean over the heads of one text's row, by the encoder itself. */
async function rowOf(ids: number[], mask: number[], layer: number): Promise<number[]> {
  const pass = forwardPass({
    backend: model.backend,
    store: frozenWeights(model.parameters),
    run: (weights, batch: object) => ({
      heads: clsAttention(scope(weights, "bert"), batch as Tokens, model.config, { layer }),
    }),
  });
  const ints = (data: number[]) => ({ data: Int32Array.from(data), shape: [1, data.length] as [number, number] });
  const { heads } = await pass.run({ inputIds: ints(ids), attentionMask: ints(mask) });
  await pass.release();
  const [, count, length] = heads!.shape as [number, number, number];
  return Array.from({ length }, (_, t) => {
    let sum = 0;
    for (let head = 0; head < count; head++) sum += heads!.data[head * length + t]!;
    return sum / count;
  });
}

describe("wordAttention", () => {
  it.each([0, 1])("is the mean over the heads of layer %d's row, summed over a word's occurrences", async (layer) => {
    const { tokenizer } = model;
    const id = (token: string) => tokenizer.idOf(token)!;
    const ids = [tokenizer.clsId, ...["the", "river", "##s", "the", "."].map(id), tokenizer.sepId];
    const row = await rowOf(ids, [1, 1, 1, 0, 1, 1, 1], layer);
    const [found] = await weigh(["the rivers the."], { layer });
    expect(found!.words).toEqual(["the", "rivers"]);
    expect(weightOf(found!, "the")).toBeCloseTo(row[1]! + row[4]!, 6);
    expect(weightOf(found!, "rivers")).toBeCloseTo(row[2]!, 6);
    for (const [i, place] of [0, 5, 6].entries()) expect(found!.others[i]).toBeCloseTo(row[place]!, 6);
  });

  it.each(["onlyFirst", "sum"] as const)("sums to 1 with what is no word: pieces %s", async (pieces) => {
    for (const found of await weigh([TEXT, "", "shipping", "2 , ."], { pieces }))
      expect(total(found)).toBeCloseTo(1, 5);
  });

  it("is less where seen continuations do not count", async () => {
    const [first] = await weigh([TEXT], { pieces: "first" });
    const [sum] = await weigh([TEXT], { pieces: "sum" });
    expect(total(first!)).toBeLessThan(0.999);
    expect(weightOf(first!, "rivers")).toBeLessThan(weightOf(sum!, "rivers"));
    expect(weightOf(first!, "sea")).toBe(weightOf(sum!, "sea"));
  });

  it("takes the largest of a word's occurrences when asked to, side by side too", async () => {
    const { clsId, sepId } = model.tokenizer;
    const [the, sea] = ["the", "sea"].map((token) => model.tokenizer.idOf(token)!);
    const row = await rowOf([clsId, the!, the!, sea!, the!, sepId], [1, 1, 1, 1, 1, 1], 1);
    const [max] = await weigh(["the the sea the"], { occurrences: "max" });
    expect(weightOf(max!, "the")).toBeCloseTo(Math.max(row[1]!, row[2]!, row[4]!), 6);
    expect(weightOf(max!, "sea")).toBeCloseTo(row[3]!, 6);
  });

  it("gives a text the same among others as alone, to rounding", async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `${TEXT} `.repeat(1 + (i % 5)));
    const together = await weigh(texts, { batchTokens: 128 });
    const [alone] = await weigh([texts[7]!]);
    expect(together[7]!.words).toEqual(alone!.words);
    together[7]!.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(alone!.weights[i]!, 6);
    });
  });

  it("reads no more than the encoder has positions for", async () => {
    const [found] = await weigh([`${"a ".repeat(200)}heron`]);
    expect(found!.words).toEqual(["a"]);
  });

  it("has a hash of all that decides the numbers", async () => {
    const hash = (settings: AttentionSettings = {}, of = model) => wordAttention(of, settings).hash;
    expect(hash({ layer: -1, maxTokens: 512 })).toBe(hash({ layer: 1, maxTokens: 64 }));
    const others = [
      { layer: 0 },
      { pieces: "sum" },
      { occurrences: "max" },
      { words: "chinese" },
      { maxTokens: 32 },
    ] as const;
    const hashes = [hash(), ...others.map((each) => hash(each)), hash({}, await tinyModel({ seed: 2 }))];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("refuses a layer that the encoder does not have", async () => {
    await expect(weigh([TEXT], { layer: 2 })).rejects.toMatchObject({ code: "LAYER_UNKNOWN" });
  });

  it("refuses weights that give no number, and names the text", async () => {
    const [name] = Object.keys(model.parameters);
    const damaged = { ...model.parameters[name!]!, data: model.parameters[name!]!.data.map(() => Number.NaN) };
    const attention = wordAttention({ ...model, parameters: { ...model.parameters, [name!]: damaged } });
    await expect(attention.weigh([TEXT])).rejects.toMatchObject({ code: "ATTENTION_NOT_FINITE" });
    await attention.release();
  });
});
