import { mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { Tokenizer } from "@propria/tokenizer";
import { type EncoderConfig, type HostParameters, initialize, saveModel } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodedMass, pretrain, wordDecoderInits } from "./index.ts";
import { testDocuments, testVocabulary } from "./testing.ts";

const WORDS = ["the", "of", "river", "mud", "bread", "oven", "bee", "hive", "##s"];
const vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ...WORDS];
const tokenizer = Tokenizer.fromVocabulary(vocabulary);
const size = vocabulary.length;
const stopWords = new Set(["the", "of", "neverseen"]);
const documents = [
  { id: "a", title: "", text: "The river of mud. The river, rivers" },
  { id: "b", title: "", text: "The bread of the oven of bread" },
  { id: "empty", title: "", text: "" },
];

const config: EncoderConfig = {
  vocabSize: size,
  hiddenSize: 8,
  layers: 1,
  heads: 2,
  intermediateSize: 16,
  maxPositions: 16,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  dropout: 0,
  attentionDropout: 0,
  initializerRange: 0.2,
  padId: 0,
};

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const about = { config, tokenizer, provenance: {} };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decoded-mass-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A model whose decoder says the same of every text: these logarithms. */
async function modelSaying(name: string, logits: (word: string) => number, tied = true): Promise<string> {
  const heads = { ...initialize(config, wordDecoderInits(config, { tied }), seeded(1, name)) } as Record<
    string,
    HostParameters[string]
  >;
  const gain = heads["word_decoder.LayerNorm.weight"]!;
  heads["word_decoder.LayerNorm.weight"] = { ...gain, data: new Float32Array(gain.data.length) }; // the vector is lost
  heads["word_decoder.bias"] = { shape: [size], data: Float32Array.from(vocabulary, logits) };
  const isHead = (key: string) => key.startsWith("word_decoder");
  const path = join(folder, name);
  await saveModel(path, {
    ...about,
    parameters: Object.fromEntries(Object.entries(heads).filter(([key]) => !isHead(key))),
    heads: Object.fromEntries(Object.entries(heads).filter(([key]) => isHead(key))),
  });
  return path;
}

describe("decodedMass", () => {
  it("is the share of stop words and of a document's top words in a flat distribution: so many of |V|", async () => {
    const model = await modelSaying("flat", () => 0);
    const mass = await decodedMass({ model, documents, stopWords, top: 1 });
    expect(mass.documents.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(mass.stopWords).toBeCloseTo(2 / size, 6); // "neverseen" is no word of the vocabulary
    expect(mass.topWords).toBeCloseTo(1 / size, 6);
    expect(mass.entropy).toBeCloseTo(Math.log(size), 5);
  });

  it("takes the words of highest tf-idf, of one piece and no stop word, and as many as there are", async () => {
    const model = await modelSaying("river", (word) =>
      word === "river" ? Math.log(10) : word === "mud" ? Math.log(5) : 0,
    );
    const rest = size - 2 + 10 + 5;
    const one = await decodedMass({ model, documents, stopWords, top: 1 });
    expect(one.documents.map(({ topWords }) => topWords)).toEqual([
      expect.closeTo(10 / rest, 6), // twice "river"; "rivers" is two pieces
      expect.closeTo(1 / rest, 6), // "bread"
    ]);
    const all = await decodedMass({ model, documents, stopWords, top: 10 });
    expect(all.documents[0]!.topWords).toBeCloseTo(15 / rest, 6);
    expect(all.documents[1]!.topWords).toBeCloseTo(2 / rest, 6);
    expect(all.topWords).toBeCloseTo(8.5 / rest, 6);
  });

  it("leaves a document without a top word out of the mean of those", async () => {
    const model = await modelSaying("flat-too", () => 0);
    const wordless = { id: "wordless", title: "", text: "The of the rivers" }; // stop words, and a word of two pieces
    const mass = await decodedMass({ model, documents: [...documents, wordless], stopWords, top: 1 });
    expect(mass.documents.map(({ topWordCount }) => topWordCount)).toEqual([1, 1, 0]);
    expect(mass.documents[2]).toMatchObject({ id: "wordless", topWords: 0 });
    expect(mass.topWords).toBeCloseTo(1 / size, 6);
    expect(mass.stopWords).toBeCloseTo(2 / size, 6);
    const none = await decodedMass({ model, documents: [wordless], stopWords });
    expect(none.topWords).toBe(0);
  });

  it("reads a decoder that has a matrix of its own, batches of one, and only so many tokens", async () => {
    const model = await modelSaying("own", () => 0, false);
    const mass = await decodedMass({ model, documents, stopWords, top: 9, batch: 1, maxTokens: 5, backend: "cpu" });
    expect(mass.stopWords).toBeCloseTo(2 / size, 6);
    expect(mass.documents[1]!.topWords).toBeCloseTo(1 / size, 6); // of "the bread of", not the oven
  });

  it("depends on the document's text where the decoder looks at it", async () => {
    const path = join(folder, "looking");
    const weights = initialize(config, wordDecoderInits(config, { tied: true }), seeded(3, "looking"));
    const isHead = (key: string) => key.startsWith("word_decoder");
    const pick = (wanted: boolean) =>
      Object.fromEntries(Object.entries(weights).filter(([key]) => isHead(key) === wanted));
    await saveModel(path, { ...about, parameters: pick(false), heads: pick(true) });
    const { documents: found } = await decodedMass({ model: path, documents, stopWords });
    expect(Math.abs(found[0]!.stopWords - found[1]!.stopWords)).toBeGreaterThan(1e-5);
  });

  it("reads what pretrain saves of cpdae", async () => {
    const vocabularyFolder = join(folder, "vocabulary");
    await mkdir(vocabularyFolder);
    await Tokenizer.fromVocabulary(testVocabulary()).save(vocabularyFolder);
    const { folder: model } = await pretrain({
      corpus: { name: "texts", documents: () => each(testDocuments) },
      objective: "cpdae",
      start: { config: (vocabSize) => ({ ...config, vocabSize, maxPositions: 64 }), vocabulary: vocabularyFolder },
      out: join(folder, "cpdae"),
      steps: 2,
      batch: 4,
      maxTokens: 64,
      learningRate: 1e-3,
      threads: 1,
      seed: 5,
    });
    const mass = await decodedMass({ model, documents: testDocuments });
    expect(mass.documents.length).toBe(testDocuments.length);
    for (const { stopWords, topWords } of mass.documents) {
      expect(stopWords).toBeGreaterThan(0);
      expect(topWords).toBeGreaterThan(0);
      expect(stopWords + topWords).toBeLessThan(1);
    }
  });

  it("refuses a model without a decoder of words", async () => {
    const path = join(folder, "bare");
    await saveModel(path, { ...about, parameters: initialize(config, {}, seeded(1, "bare")) });
    await expect(decodedMass({ model: path, documents })).rejects.toThrow(/bare: has no word_decoder\.dense\.weight/);
  });
});
