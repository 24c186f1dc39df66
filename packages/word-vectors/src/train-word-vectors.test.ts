import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { cosine, trainWordVectors, type WordVectors, wordIndex } from "./index.ts";
import { keepProbability } from "./train-word-vectors.ts";

/** Texts of two worlds that share no word: sea and kitchen. */
function worlds(seed: number): string[][] {
  const random = seeded(seed, "worlds");
  const words = [
    ["ship", "sail", "wind", "harbour", "wave"],
    ["pan", "oil", "salt", "oven", "plate"],
  ];
  return Array.from({ length: 400 }, (_, i) => Array.from({ length: 12 }, () => words[i % 2]![random.int(5)]!));
}
const small = { dimensions: 12, window: 3, minCount: 1, negatives: 4, epochs: 4, sample: 0 };

function similarity(vectors: WordVectors, a: string, b: string): number {
  const rows = wordIndex(vectors);
  const vector = (word: string) =>
    vectors.data.subarray(rows.get(word)! * vectors.dimensions, (rows.get(word)! + 1) * vectors.dimensions);
  return cosine(vector(a), vector(b));
}

describe("trainWordVectors", () => {
  it.each(["cbow", "skip-gram"] as const)("brings words of one world together, by %s", async (method) => {
    const vectors = await trainWordVectors(() => worlds(1), { ...small, method });
    expect(similarity(vectors, "ship", "harbour")).toBeGreaterThan(0.7);
    expect(similarity(vectors, "oven", "plate")).toBeGreaterThan(0.7);
    expect(similarity(vectors, "ship", "plate")).toBeLessThan(0.2);
  });

  it("gives the same bits for the same seed and others for another", async () => {
    const train = (seed: number) => trainWordVectors(() => worlds(1), { ...small, epochs: 1, seed });
    const [first, again, other] = [await train(3), await train(3), await train(4)];
    expect(again).toEqual(first);
    expect(other.data).not.toEqual(first.data);
  });

  it("keeps the words that are frequent enough, the most frequent first", async () => {
    const texts = ["a b b c c c".split(" "), "c d".split(" ")];
    const words = async (options: object) => (await trainWordVectors(() => texts, { ...small, ...options })).words;
    expect(await words({ minCount: 2 })).toEqual(["c", "b"]);
    expect(await words({ minCount: 1, maxWords: 3 })).toEqual(["c", "b", "a"]);
  });

  it("reads a stream once to count and once for each epoch", async () => {
    let passes = 0;
    const stream = async function* () {
      passes++;
      yield* worlds(1).slice(0, 4);
    };
    const done: number[] = [];
    await trainWordVectors(stream, { ...small, epochs: 2, onProgress: ({ fraction }) => done.push(fraction) });
    expect(passes).toBe(3);
    expect(done.at(-1)).toBe(1);
  });

  it("refuses texts without a frequent word, and options that cannot be", async () => {
    await expect(trainWordVectors(() => [["once"]], { minCount: 2 })).rejects.toMatchObject({ code: "NO_WORDS" });
    await expect(trainWordVectors(() => [], { dimensions: 0 })).rejects.toMatchObject({
      ...{ code: "OPTION_INVALID", at: "word vectors: dimensions" },
    });
  });

  it("stops when asked to", async () => {
    const controller = new AbortController();
    const training = trainWordVectors(() => worlds(1), {
      ...{ ...small, signal: controller.signal },
      onProgress: ({ stage }) => stage === "training" && controller.abort(),
    });
    await expect(training).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("keepProbability", () => {
  // The worked examples of word2vec's sub-sampling with a threshold of 1e-4.
  it.each([
    [0.01, 0.11],
    [0.001, 0.4162],
    [0.0001, 1],
  ])("of a share of %d is %d", (share, kept) => expect(keepProbability(share, 1e-4)).toBeCloseTo(kept, 4));

  it("is 1 without a threshold", () => expect(keepProbability(0.5, 0)).toBe(1));
});
