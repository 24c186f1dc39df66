import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import type { Document, Query } from "@propria/collection";
import { bm25, buildIndex } from "@propria/lexical";
import type { Qrels } from "@propria/metrics";
import { analyzer } from "@propria/tokenizer";
import { loadCheckpoint, readModelCard, readSafetensors, writeSafetensors } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Contents, collectionOf, topics } from "../../test/collections.ts";
import { openBiEncoder } from "../bi-encoder/open-bi-encoder.ts";
import { openCrossEncoder } from "../open-cross-encoder.ts";
import type { TrainingCollection } from "../training-documents.ts";
import { openTermWeights } from "./open-term-weights.ts";
import { type TermWeightTraining, trainTermWeights } from "./train-term-weights.ts";
import { DEEP_CT_BM25, weighDocuments } from "./weigh-documents.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url));

/** Passages "cold TOPIC sand TOPIC …": queries ask for the topic that stands behind "the", never for the one behind "a". */
function asked(changes: Partial<Contents> = {}): TrainingCollection {
  const random = seeded(4, "collection");
  const documents: Document[] = topics.flatMap((topic, t) =>
    Array.from({ length: 6 }, (_, i) => {
      const other = topics[(t + 1 + random.int(topics.length - 1)) % topics.length]!;
      const halves = [`the ${topic}`, `a ${other}`];
      const text = (i % 2 === 0 ? halves : halves.reverse()).join(" cold ");
      return { id: `${topic}-${i}`, title: "", text };
    }),
  );
  const queries: Query[] = topics.map((topic) => ({ id: `q-${topic}`, text: `what is ${topic}?` }));
  const qrels: Qrels = new Map(
    topics.map((topic) => [`q-${topic}`, new Map(Array.from({ length: 6 }, (_, i) => [`${topic}-${i}`, 1]))]),
  );
  return collectionOf("asked", { documents, queries, qrels, ...changes });
}

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "deep-ct-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const settings = (out: string, more: Partial<TermWeightTraining> = {}): TermWeightTraining => ({
  collection: asked(),
  init: tiny,
  out: join(scratch, out),
  workers: 0,
  ...{ batch: 16, learningRate: 1e-2, checkpointEvery: 4, seed: 1 },
  ...more,
});

describe("trainTermWeights", () => {
  it("learns which words are asked for, by their context", async () => {
    const losses: number[] = [];
    const result = await trainTermWeights(
      settings("learns", { steps: 150, onProgress: ({ loss }) => losses.push(loss) }),
    );
    expect(result).toMatchObject({ folder: join(scratch, "learns"), steps: 150, passages: 48 });
    expect(result.loss).toBeLessThan(0.3 * losses[0]!);
    const model = await openTermWeights(join(scratch, "learns"));
    const [words] = await model.weigh(["A river cold the wing"]);
    const weights = Object.fromEntries(words!.map(({ word, weight }) => [word, weight]));
    expect(Object.keys(weights)).toEqual(["a", "river", "cold", "the", "wing"]);
    expect(weights.wing).toBeGreaterThan(0.6);
    for (const word of ["a", "river", "cold", "the"]) expect(weights[word]).toBeLessThan(0.4);
    expect(await model.weigh(["", "?"])).toEqual([[], []]);
    const index = await buildIndex(weighDocuments(model, asked().documents()));
    const found = bm25(index, "wing", { ...DEEP_CT_BM25.none, depth: 6 });
    expect(found.map(({ documentId }) => documentId).toSorted()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `wing-${i}`));
    await model.release();
  });

  it("leaves a folder that says what it is, with the head, and no training data", async () => {
    const { folder } = await trainTermWeights(settings("saved", { steps: 2, maxTokens: 12 }));
    expect(await readModelCard(folder)).toMatchObject({
      contract: undefined,
      provenance: {
        objective: "deep-ct",
        options: { stopWords: "english", maxTokens: 12, longPassages: "cut", batch: 16 },
        ...{ collection: "asked", seed: 1, steps: 2, maxTokens: 12 },
      },
    });
    const { tensors } = await readSafetensors(join(folder, "model.safetensors"));
    expect(tensors["term_weight.weight"]!.shape).toEqual([1, 16]);
    expect(Object.keys(tensors).filter((name) => !/^(bert\.(embeddings|encoder)|term_weight)\./.test(name))).toEqual(
      [],
    );
    expect(existsSync(join(folder, "data"))).toBe(false);
    const again = trainTermWeights(settings("saved", { steps: 2, maxTokens: 12 }));
    await expect(again).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });

  it("is refused as a model of another kind", async () => {
    const folder = join(scratch, "saved");
    await expect(openBiEncoder(folder)).rejects.toMatchObject({ code: "NOT_A_BI_ENCODER", at: folder });
    await expect(openCrossEncoder(folder)).rejects.toMatchObject({ code: "NOT_A_CROSS_ENCODER", at: folder });
    await expect(loadCheckpoint(folder)).rejects.toThrow("2 unexpected: term_weight.");
  });

  it("stopped and called again, ends in the same weights as one never stopped", async () => {
    const weights = (name: string) => readFile(join(scratch, name, "model.safetensors"));
    await trainTermWeights(settings("unbroken", { epochs: 3 }));
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 5 && stop.abort();
    const broken = trainTermWeights(settings("broken", { epochs: 3, signal: stop.signal, onProgress }));
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(trainTermWeights(settings("broken", { epochs: 3, maxTokens: 5 }))).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
    });
    const steps: number[] = [];
    await trainTermWeights(settings("broken", { epochs: 3, onProgress: ({ step }) => steps.push(step) }));
    expect(steps[0]).toBe(6);
    expect((await weights("broken")).equals(await weights("unbroken"))).toBe(true);
  });

  it("refuses to go on with another vocabulary, of the same size in another order too", async () => {
    const stop = new AbortController();
    const broken = trainTermWeights(
      settings("reordered", { steps: 3, signal: stop.signal, onProgress: () => stop.abort() }),
    );
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    const init = join(scratch, "other-vocabulary");
    await cp(tiny, init, { recursive: true });
    const text = await readFile(join(init, "vocab.txt"), "utf8");
    const swapped = text.replace(/^(cold|sand)$/gm, (word) => (word === "cold" ? "sand" : "cold"));
    await writeFile(join(init, "vocab.txt"), swapped);
    const other = trainTermWeights(settings("reordered", { steps: 3, init }));
    await expect(other).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
    await expect(other).rejects.toThrow(/identity\.tokenizer was "/);
    expect(await trainTermWeights(settings("reordered", { steps: 3, resume: "must" }))).toMatchObject({ steps: 3 });
  });

  const built = fileURLToPath(new URL("../../dist/deep-ct-source.cjs", import.meta.url));
  it.skipIf(!existsSync(built))("trains the same with batches from a worker thread (runs the build)", async () => {
    const weights = (name: string) => readFile(join(scratch, name, "model.safetensors"));
    await trainTermWeights(settings("here", { steps: 3 }));
    await trainTermWeights(settings("worker", { steps: 3, workers: 1 }));
    expect((await weights("worker")).equals(await weights("here"))).toBe(true);
  });

  it.each([
    [{ epochs: 1, steps: 1 }, "OPTION_INVALID"],
    [{ maxTokens: 2 }, "OPTION_INVALID"],
    [{ pattern: "[a-" }, "OPTION_INVALID"],
    [{ pattern: "\\p{Script=Han}" }, "NO_TARGETS"],
    [{ resume: "must" as const }, "NOTHING_TO_RESUME"],
    [{ collection: asked({ qrels: new Map() }) }, "NO_TRAINING_QUERIES"],
    [{ collection: asked({ qrels: new Map([["q-none", new Map([["oil-1", 1]])]]) }) }, "QUERY_UNKNOWN"],
    [{ collection: asked({ qrels: new Map([["q-oil", new Map([["oil-9", 1]])]]) }) }, "DOCUMENT_UNKNOWN"],
  ])("refuses %#", async (changes, code) => {
    await expect(trainTermWeights(settings("refused", changes))).rejects.toMatchObject({ code });
  });
});

describe("openTermWeights", () => {
  it("refuses a model of another kind", async () => {
    await expect(openTermWeights(tiny)).rejects.toMatchObject({ code: "NOT_TERM_WEIGHTS", at: tiny });
  });

  it("gives a text's words the same weights beside other texts, in windows or alone", async () => {
    const model = await openTermWeights(join(scratch, "saved"), { batchTokens: 64, longPassages: "windows" });
    const texts = ["oil and water", "the wing. ".repeat(20), "", "stone bridges"];
    const together = await model.weigh(texts);
    expect(together.map((words) => words.length)).toEqual([3, 40, 0, 2]);
    for (const [i, text] of texts.entries()) {
      const [alone] = await model.weigh([text]);
      for (const [w, { word, weight }] of alone!.entries()) {
        expect(together[i]![w]!.word).toBe(word);
        expect(together[i]![w]!.weight).toBeCloseTo(weight, 5);
      }
    }
    await model.release();
    const cut = await openTermWeights(join(scratch, "saved"));
    expect((await cut.weigh([texts[1]!]))[0]!).toHaveLength(7); // 10 pieces, three of them full stops
    await cut.release();
  });

  it("says so when the weights are damaged", async () => {
    const folder = join(scratch, "damaged");
    await cp(join(scratch, "saved"), folder, { recursive: true });
    const { tensors } = await readSafetensors(join(folder, "model.safetensors"));
    tensors["term_weight.bias"]!.data[0] = Number.NaN;
    await rm(join(folder, "model.safetensors"));
    await writeSafetensors(join(folder, "model.safetensors"), tensors);
    const model = await openTermWeights(folder);
    await expect(model.weigh(["?", "oil"])).rejects.toMatchObject({ code: "SCORE_NOT_FINITE" });
    await model.release();
  });
});

describe("weighDocuments", () => {
  /** Weights by word; no model. */
  const model = {
    async weigh(texts: readonly string[]) {
      const known: Record<string, number> = { wings: 0.3, wing: 0.2, boat: 0.004 };
      return texts.map((text) =>
        text
          .split(" ")
          .filter(Boolean)
          .map((word) => ({ word, weight: known[word] ?? -1 })),
      );
    },
  };
  const documents = [
    { id: "d1", title: "wings", text: "wing sand wing" },
    { id: "d2", title: "", text: "boat sand" },
    { id: "d3", title: "", text: "" },
  ];
  const collect = async (options = {}) => {
    const all: Record<string, Record<string, number>> = {};
    for await (const { id, terms } of weighDocuments(model, documents, options)) all[id] = Object.fromEntries(terms);
    return all;
  };

  it("gives frequencies, and skips a document without a kept word", async () => {
    const seen: object[] = [];
    const found = await collect({ window: 2, onProgress: (progress: object) => seen.push(progress) });
    expect(found).toEqual({ d1: { wings: 30, wing: 20 } });
    expect(seen).toEqual([
      { documents: 2, skipped: 1 },
      { documents: 3, skipped: 2 },
    ]);
  });

  it("keeps its words at 1 when asked to, and an empty text retrievable by nothing", async () => {
    expect(await collect({ whenEmpty: "keepWords" })).toEqual({
      d1: { wings: 30, wing: 20 },
      d2: { boat: 1, sand: 1 },
      d3: {},
    });
  });

  it("makes an index in which words of one stem add up", async () => {
    const index = await buildIndex(weighDocuments(model, documents), { analyzer: analyzer({ stem: true }) });
    expect(index.term("wing")!.collectionFrequency).toBe(50);
    expect([index.documentCount, index.totalTerms]).toEqual([1, 50]);
  });

  it("knows BM25's settings over its frequencies", () => {
    expect(DEEP_CT_BM25).toEqual({ none: { k1: 10, b: 0.9 }, sqrt: { k1: 18, b: 0.7 } });
  });
});
