import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Document } from "@propria/collection";
import { openBackend } from "@propria/engine";
import { evaluate, type Run } from "@propria/metrics";
import { readModelCard, readSafetensors } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection, topics } from "../../test/collections.ts";
import { openReranker } from "../open-reranker.ts";
import { rerank } from "../rerank.ts";
import { type InteractionName, interactionModels } from "./config.ts";
import { finetuneInteraction, type InteractionTraining } from "./finetune-interaction.ts";
import { EMBEDDINGS } from "./matcher.ts";
import { interactionIn, openInteraction } from "./open-interaction.ts";

let scratch: string;
let vectors: string;
beforeAll(async () => {
  await openBackend("onnx"); // loads it, which a busy machine takes its time for
  scratch = await mkdtemp(join(tmpdir(), "interaction-"));
  vectors = join(scratch, "topics.vec");
  // Every topic is somewhat like water and unlike sand, and has a direction of its own.
  const own = topics.map((topic, i) => `${topic} 0.5 -0.4 ${topics.map((_, j) => (i === j ? 0.7 : 0)).join(" ")}`);
  const none = topics.map(() => 0).join(" ");
  await writeFile(vectors, `${[...own, `water 1 0 ${none}`, `sand 0 1 ${none}`].join("\n")}\n`);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const settings = (
  model: InteractionName,
  out: string,
  more: Partial<InteractionTraining> = {},
): InteractionTraining => ({
  model: model === "conv-knrm" ? { model, ngrams: 2, filters: 8 } : { model },
  vectors: { file: vectors },
  collection: topicCollection(),
  out: join(scratch, out),
  workers: 0,
  ...{ batch: 8, learningRate: 2e-2, checkpointEvery: 4, seed: 1, minDocuments: 1 },
  ...more,
});

const weights = async (name: string) => readFile(join(scratch, name, "model.safetensors"));

describe.each(interactionModels)("finetuneInteraction of %s", (model) => {
  it("learns to rank: the loss falls, and what is relevant comes up in a run that is re-ranked", async () => {
    const losses: number[] = [];
    const collection = topicCollection();
    const out = `${model}-learns`;
    const result = await finetuneInteraction(
      settings(model, out, { steps: 60, groupSize: 4, onProgress: ({ loss }) => losses.push(loss) }),
    );
    expect(result).toMatchObject({ folder: join(scratch, out), steps: 60, queries: 8, shortOfNegatives: 0 });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 10)));

    const documents = new Map<string, Document>();
    for await (const document of collection.documents()) documents.set(document.id, document);
    const run: Run = new Map(
      topics.map((topic) => [`q-${topic}`, [5, 4, 3, 2, 1, 0].map((i) => ({ documentId: `${topic}-${i}`, score: i }))]),
    );
    const { model: opened, name } = await openReranker(join(scratch, out));
    expect(name).toBe(model);
    const reranked = await rerank(opened, run, collection.queries(), documents);
    await opened.release();
    const { mean: quality } = evaluate(await collection.qrels("train"), reranked, ["nDCG@10"]);
    expect(quality["nDCG@10"]).toBeGreaterThan(0.98);
  });

  it("stopped and called again, ends in the same weights as one never stopped", async () => {
    const training = (out: string, more: Partial<InteractionTraining> = {}) =>
      settings(model, out, { steps: 9, vectors: { train: { dimensions: 4, minCount: 1, epochs: 2 } }, ...more });
    await finetuneInteraction(training(`${model}-whole`));
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 5 && stop.abort();
    await expect(
      finetuneInteraction(training(`${model}-stopped`, { signal: stop.signal, onProgress })),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    await finetuneInteraction(training(`${model}-stopped`));
    expect((await weights(`${model}-stopped`)).equals(await weights(`${model}-whole`))).toBe(true);
  });

  it("leaves a model folder that says what it is and where it comes from, and no training data", async () => {
    const folder = join(scratch, `${model}-learns`);
    expect(await interactionIn(folder)).toBe(model);
    expect((await readdir(folder)).filter((name) => /data|tmp/.test(name))).toEqual([]);
    const { provenance } = (await readModelCard(folder))!;
    expect(provenance).toMatchObject({
      ...{ objective: model, collection: "topics", steps: 60, seed: 1 },
      options: {
        loss: "rawHinge",
        margin: 1,
        groupSize: 4,
        split: "train",
        negatives: "bm25",
        vectors: { file: vectors },
      },
    });
  });

  it("gives pairs the same scores alone and together", async () => {
    const opened = await openInteraction(join(scratch, `${model}-learns`));
    const pairs = [
      { query: "what is oil?", document: "cold oil water" },
      { query: "stone", document: "a long way from any stone, and nothing else of use to anybody here" },
      { query: "", document: "oil" },
      { query: "zephyr", document: "zephyr" },
    ];
    const together = await opened.score(pairs);
    for (const [i, pair] of pairs.entries()) expect((await opened.score([pair]))[0]).toBeCloseTo(together[i]!, 5);
    await opened.release();
  });
});

describe("finetuneInteraction", () => {
  const built = fileURLToPath(new URL("../../dist/interaction-source.cjs", import.meta.url));
  it.skipIf(!existsSync(built))("trains the same with batches from a worker thread (runs the build)", async () => {
    for (const model of ["drmm", "knrm"] as const) {
      await finetuneInteraction(settings(model, `${model}-here`, { epochs: 2 }));
      await finetuneInteraction(settings(model, `${model}-worker`, { epochs: 2, workers: 1 }));
      expect((await weights(`${model}-worker`)).equals(await weights(`${model}-here`))).toBe(true);
    }
  });

  it("leaves the vectors as they were where they are not to learn", async () => {
    const trained = async (out: string) => (await readSafetensors(join(scratch, out, "model.safetensors"))).tensors;
    await finetuneInteraction(settings("knrm", "frozen", { steps: 3, model: { model: "knrm", trainVectors: false } }));
    await finetuneInteraction(settings("knrm", "free", { steps: 3 }));
    const [frozen, free, drmm] = [await trained("frozen"), await trained("free"), await trained("drmm-here")];
    const [table, learnt] = [frozen[EMBEDDINGS]!, free[EMBEDDINGS]!];
    const own = topics.length + 2; // words of the file; drmm-here has no others
    expect([...table.data.subarray(0, 10 * (own + 1))]).toEqual([...drmm[EMBEDDINGS]!.data]);
    expect(table.data).not.toEqual(learnt.data);
    expect([...learnt.data.subarray(0, 10)]).toEqual(new Array(10).fill(0)); // padding
  });

  it("refuses vectors of no word of the collection, another split, and options that cannot be", async () => {
    const file = join(scratch, "other.vec");
    await writeFile(file, "zephyr 1 2\n");
    const refused = (more: Partial<InteractionTraining>) =>
      expect(finetuneInteraction(settings("knrm", "refused", { steps: 2, ...more }))).rejects;
    await refused({ vectors: { file } }).toMatchObject({ code: "VECTORS_EMPTY", at: file });
    await refused({ margin: -1 }).toMatchObject({ code: "OPTION_INVALID", at: "fine-tuning: margin" });
    await refused({ model: { model: "knrm", kernels: 0 } }).toMatchObject({ at: "fine-tuning: model: kernels" });
    await refused({ steps: 1, epochs: 1 }).toMatchObject({ code: "OPTION_INVALID" });
    await refused({ model: { model: "knrm", words: { pattern: "[" } } }).toMatchObject({ code: "OPTION_INVALID" });
  });

  it("writes into no folder that holds a model", async () => {
    await expect(finetuneInteraction(settings("knrm", "knrm-learns"))).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });
});

describe("openInteraction", () => {
  it("refuses another kind of model, and names the file that is damaged", async () => {
    const tiny = fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url));
    await expect(openInteraction(tiny)).rejects.toMatchObject({ code: "NOT_INTERACTION", at: tiny });
    const copy = join(scratch, "damaged");
    await cp(join(scratch, "knrm-learns"), copy, { recursive: true });
    await writeFile(join(copy, "vocabulary.tsv"), "oil\t3\npump\n");
    await expect(openInteraction(copy)).rejects.toMatchObject({
      ...{ code: "INTERACTION_MODEL", at: `${join(copy, "vocabulary.tsv")}:2` },
    });
    await writeFile(join(copy, "interaction.json"), "{}");
    await expect(openInteraction(copy)).rejects.toMatchObject({
      ...{ code: "INTERACTION_MODEL", at: join(copy, "interaction.json") },
    });
  });
});
