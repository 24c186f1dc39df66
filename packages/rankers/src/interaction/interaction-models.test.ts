import { seeded } from "@propria/base";
import { type Backend, forwardPass, frozenWeights, openBackend, scope } from "@propria/engine";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type InteractionOptions, interactionModels, type KnrmConfig, parseInteraction } from "./config.ts";
import { termGates } from "./drmm.ts";
import { kernelMeans, softTermFrequencies, unit } from "./kernels.ts";
import { EMBEDDINGS, type Tensors } from "./matcher.ts";
import { matcherOf } from "./open-matcher.ts";
import { vocabularyOf } from "./vocabulary.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

type Arrays = Record<string, { shape: number[]; data: Float32Array }>;
const array = (shape: number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });

/** What `compute` makes of arrays. */
async function computed(arrays: Arrays, compute: (tensors: Tensors) => Tensor): Promise<number[]> {
  const pass = forwardPass({ backend, store: frozenWeights(arrays), run: (tensors) => ({ out: compute(tensors) }) });
  const { out } = await pass.run({ unused: array([1], 0) });
  await pass.release();
  return [...out!.data];
}

describe("DRMM's gate", () => {
  const gate = (idf: number[], mask = idf.map(() => 1)) =>
    computed(
      {
        ...{ "gate.weight": array([1, 1], 1), idf: array([1, idf.length, 1], ...idf) },
        mask: array([1, idf.length], ...mask),
      },
      ({ idf, mask, ...weights }) => termGates(scope(weights), idf as Tensor3D, mask as Tensor2D),
    );

  it("is 0.7311 and 0.2689 for the worked example's idf 2 and 1 with a weight of 1", async () => {
    const [first, second] = await gate([2, 1]);
    expect([first, second]).toEqual([expect.closeTo(0.7311, 4), expect.closeTo(0.2689, 4)]);
  });

  it("does not change when a constant is added to all idf, and passes padding over", async () => {
    const [plain, moved] = [await gate([2, 1, 0.5]), await gate([7, 6, 5.5])];
    for (const [i, value] of plain.entries()) expect(moved[i]).toBeCloseTo(value, 6);
    const [first, second, none] = await gate([2, 1, 9], [1, 1, 0]);
    expect([first, second, none]).toEqual([expect.closeTo(0.7311, 4), expect.closeTo(0.2689, 4), 0]);
  });
});

describe("kernelMeans", () => {
  it("are 1, 0.9, 0.7, … −0.9 for 11 kernels, and 1, 0.95, 0.85, … for OpenMatch's 21", () => {
    const rounded = (kernels: number) => kernelMeans(kernels).map((mean) => Math.round(mean * 100) / 100 + 0);
    expect(rounded(11)).toEqual([1, 0.9, 0.7, 0.5, 0.3, 0.1, -0.1, -0.3, -0.5, -0.7, -0.9]);
    expect(rounded(21).slice(0, 4)).toEqual([1, 0.95, 0.85, 0.75]);
    expect(rounded(21).at(-1)).toBe(-0.95);
  });
});

describe("softTermFrequencies", () => {
  const settings = parseInteraction({ model: "knrm" }, "knrm") as KnrmConfig;

  /** Soft-TF of one query word against document words of these similarities to it; 2: padding. */
  async function ofSimilarities(similarities: number[], more: Partial<KnrmConfig> = {}): Promise<number[]> {
    const document = similarities.flatMap((s) => (s === 2 ? [0, 0] : [s, Math.sqrt(1 - s * s)]));
    return computed(
      {
        query: array([1, 1, 2], 1, 0),
        document: array([1, similarities.length, 2], ...document),
        queryMask: array([1, 1], 1),
        documentMask: array([1, similarities.length], ...similarities.map((s) => (s === 2 ? 0 : 1))),
      },
      ({ query, document, queryMask, documentMask }) =>
        softTermFrequencies(
          { query: query as Tensor3D, document: document as Tensor3D },
          { queryMask: queryMask as Tensor2D, documentMask: documentMask as Tensor2D },
          { ...settings, ...more },
        ),
    );
  }
  const counted = (features: number[], k: number) => Math.exp(features[k]! / 0.01);

  it("gives the worked example for the similarities 1 and 0.5", async () => {
    const features = await ofSimilarities([1, 0.5]);
    expect(counted(features, 3)).toBeCloseTo(1.0000037, 5); // μ = 0.5
    expect(counted(features, 0)).toBeCloseTo(1, 5); // μ = 1
    expect(counted(features, 2)).toBeCloseTo(0.146444, 5); // μ = 0.7
    expect(features[2]).toBeCloseTo(-0.019211, 6);
  });

  it("counts exact matches in the first kernel, and has the least there is where nothing matches", async () => {
    expect(counted(await ofSimilarities([1, 1, 0.2, 1, 0.98]), 0)).toBeCloseTo(3, 4);
    expect((await ofSimilarities([0.2, -0.4]))[0]).toBeCloseTo(-0.2303, 4);
  });

  it("does not change with padding, which would add 0.6065 to the kernels of ±0.1 otherwise", async () => {
    const [plain, padded] = [await ofSimilarities([1, 0.3]), await ofSimilarities([1, 2, 0.3, 2, 2])];
    for (const [k, value] of plain.entries()) expect(padded[k]).toBeCloseTo(value, 6);
    expect(counted(plain, 5)).toBeLessThan(0.2);
  });

  it("is ln(1 + count) by MatchZoo's reading, and not scaled as the papers print it", async () => {
    expect((await ofSimilarities([1, 1], { softTf: "log1p", softTfScale: 1 }))[0]).toBeCloseTo(Math.log(3), 4);
    expect((await ofSimilarities([1, 1], { softTfScale: 1 }))[0]).toBeCloseTo(Math.log(2), 4);
  });
});

describe("unit", () => {
  it("leaves a vector of zeros one", async () => {
    expect(await computed({ x: array([2, 2], 3, 4, 0, 0) }, ({ x }) => unit(x!))).toEqual([
      ...[expect.closeTo(0.6, 6), expect.closeTo(0.8, 6), 0, 0],
    ]);
  });
});

describe.each(interactionModels)("%s", (model) => {
  const small = { dimensions: 6, queryWords: 5, ...(model !== "drmm" && { documentWords: 20 }) };
  const config = parseInteraction({ model, ...small } as InteractionOptions, model);
  const count = 15;
  const vocabulary = vocabularyOf({
    words: Array.from({ length: count }, (_, i) => `w${i}`),
    ...{ vectors: count, documentCount: 9, documentFrequencies: Array.from({ length: count }, (_, i) => 1 + (i % 5)) },
  });
  const random = seeded(3, "table");
  const table = array(
    [count + 1, 6],
    ...Array.from({ length: 6 * (count + 1) }, (_, i) => (i < 6 ? 0 : random() - 0.5)),
  );
  const matcher = matcherOf(config, vocabulary, table);
  const weights = { ...matcher.start(seeded(1, "weights")), ...(matcher.embeds && { [EMBEDDINGS]: table }) };

  async function score(query: number[], document: number[], { width = 8, count = 1 } = {}): Promise<number> {
    const pass = forwardPass({
      ...{ backend, store: frozenWeights(weights) },
      run: (tensors, batch) => ({ scores: matcher.scores(scope(tensors), batch as Tensors) }),
    });
    const row = matcher.row({ ids: query, unknown: new Map() }, document);
    const { scores } = await pass.run(matcher.collate([row], { width, count }));
    await pass.release();
    return scores!.data[0]!;
  }

  it("does not change its score with padding, of the document and of the batch", async () => {
    const plain = await score([1, 2, 3], [4, 1, 9, 2]);
    expect(await score([1, 2, 3], [4, 1, 9, 2], { width: 20, count: 4 })).toBeCloseTo(plain, 6);
  });

  it("scores an empty document and an empty query", async () => {
    for (const [query, document] of [
      [[1, 2], []],
      [[], [1, 2]],
    ] as const)
      expect(await score([...query], [...document])).toSatisfy(Number.isFinite);
  });

  it("tells a document that matches from one that does not", async () => {
    expect(await score([1, 2], [1, 2, 5])).not.toBeCloseTo(await score([1, 2], [6, 7, 5]), 4);
  });

  if (model !== "conv-knrm")
    it("does not change with the order of the document's words", async () => {
      expect(await score([1, 2], [5, 1, 9, 2])).toBeCloseTo(await score([1, 2], [2, 9, 5, 1]), 6);
    });
  else
    it("does change with the order of the document's words, for it sees n-grams", async () => {
      expect(await score([1, 2], [5, 1, 2, 9])).not.toBeCloseTo(await score([1, 2], [2, 5, 9, 1]), 5);
    });
});

describe("vocabularyOf", () => {
  it("has DRMM's idf, ln((N + 1) / df), and counts a word of no document as one of one", () => {
    const parts = { words: ["a", "b"], vectors: 1, documentFrequencies: [3, 0], documentCount: 8 };
    const { idf, id } = vocabularyOf(parts);
    expect([idf(id("a")!), idf(id("b")!), idf(9)]).toEqual([Math.log(3), Math.log(9), Math.log(9)]);
    expect(id("c")).toBeUndefined();
  });
});

describe("parseInteraction", () => {
  it("names the option that cannot be", () => {
    expect(() => parseInteraction({ model: "drmm", bins: 1 }, "drmm")).toThrow(
      expect.objectContaining({ code: "OPTION_INVALID", at: "drmm: bins" }),
    );
    expect(() => parseInteraction({ model: "knrm", bins: 30 } as object, "knrm")).toThrow("bins");
  });
});
