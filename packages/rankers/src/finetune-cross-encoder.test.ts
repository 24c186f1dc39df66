import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Document } from "@propria/collection";
import { evaluate, type Run } from "@propria/metrics";
import { loadCheckpoint, readModelCard, writeSafetensors } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection, topicContents, topics } from "../test/collections.ts";
import { crossEncoderInits } from "./cross-encoder.ts";
import { type CrossEncoderTraining, finetuneCrossEncoder, type TrainingStart } from "./finetune-cross-encoder.ts";
import { openCrossEncoder } from "./open-cross-encoder.ts";
import { rerank } from "./rerank.ts";

const tiny = fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const settings = (out: string, more: Partial<CrossEncoderTraining> = {}): CrossEncoderTraining => ({
  collection: topicCollection(),
  init: tiny,
  out: join(scratch, out),
  workers: 0,
  ...{ queryTokens: 8, batch: 8, learningRate: 3e-3, checkpointEvery: 4, seed: 1 },
  ...more,
});

describe("finetuneCrossEncoder", () => {
  it("learns to rank: the loss falls, and what is relevant comes up", async () => {
    const losses: number[] = [];
    const out = join(scratch, "learns");
    const collection = topicCollection();
    const result = await finetuneCrossEncoder(
      settings("learns", { steps: 80, groupSize: 4, onProgress: ({ loss }) => losses.push(loss) }),
    );
    expect(result).toMatchObject({ folder: out, steps: 80, head: "carried", pooler: "carried", queries: 8 });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.5 * mean(losses.slice(0, 10)));

    const documents = new Map<string, Document>();
    for await (const document of collection.documents()) documents.set(document.id, document);
    const run: Run = new Map(
      topics.map((topic) => [`q-${topic}`, [5, 4, 3, 2, 1, 0].map((i) => ({ documentId: `${topic}-${i}`, score: i }))]),
    );
    const quality = async (folder: string) => {
      const model = await openCrossEncoder(folder, folder === tiny ? { queryTokens: 8 } : {});
      const reranked = await rerank(model, run, collection.queries(), documents);
      await model.release();
      return evaluate(await collection.qrels("train"), reranked, ["nDCG@10"]).mean["nDCG@10"]!;
    };
    const [before, after] = [await quality(tiny), await quality(out)];
    expect(before).toBeLessThan(0.9);
    expect(after).toBeGreaterThan(0.98);
  });

  it("leaves a model folder that says how pairs are made and where it comes from, and no training data", async () => {
    const { folder } = await finetuneCrossEncoder(settings("saved", { steps: 2, negativesDepth: 5 }));
    const card = await readModelCard(folder);
    expect(card!.contract).toMatchObject({ texts: "pair", maxTokens: 24, maxQueryTokens: 8, similarity: "head" });
    expect(card!.provenance).toMatchObject({
      objective: "cross-encoder",
      options: { loss: "groupSoftmax", groupSize: 2, negatives: "bm25", negativesDepth: 5, head: "carried" },
      ...{ collection: "topics", seed: 1, steps: 2 },
    });
    expect(existsSync(join(folder, "data"))).toBe(false);
    await expect(finetuneCrossEncoder(settings("saved", { steps: 2 }))).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
    });
  });

  it("stopped and called again, ends in the same weights as one never stopped", async () => {
    const weights = (name: string) => readFile(join(scratch, name, "model.safetensors"));
    await finetuneCrossEncoder(settings("unbroken", { epochs: 10 }));
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 5 && stop.abort();
    await expect(
      finetuneCrossEncoder(settings("broken", { epochs: 10, signal: stop.signal, onProgress })),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(existsSync(join(scratch, "broken", "propria.json"))).toBe(false);
    await expect(finetuneCrossEncoder(settings("broken", { epochs: 10, loss: "rawHinge" }))).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
    });
    const steps: number[] = [];
    await finetuneCrossEncoder(settings("broken", { epochs: 10, onProgress: ({ step }) => steps.push(step) }));
    expect(steps[0]).toBe(6);
    expect((await weights("broken")).equals(await weights("unbroken"))).toBe(true);
  });

  it("refuses to go on with another vocabulary, of the same size in another order too", async () => {
    const stop = new AbortController();
    const broken = finetuneCrossEncoder(
      settings("reordered", { steps: 3, signal: stop.signal, onProgress: () => stop.abort() }),
    );
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    const init = join(scratch, "other-vocabulary");
    await cp(tiny, init, { recursive: true });
    const text = await readFile(join(init, "vocab.txt"), "utf8");
    const swapped = text.replace(/^(cold|sand)$/gm, (word) => (word === "cold" ? "sand" : "cold"));
    await writeFile(join(init, "vocab.txt"), swapped);
    const other = finetuneCrossEncoder(settings("reordered", { steps: 3, init }));
    await expect(other).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
    await expect(other).rejects.toThrow(/identity\.tokenizer was "/);
    expect(await finetuneCrossEncoder(settings("reordered", { steps: 3, resume: "must" }))).toMatchObject({ steps: 3 });
  });

  it("stops before training too, and insists on a training to go on with when told to", async () => {
    const stop = new AbortController();
    const onPrepare = ({ stage }: { stage: string }) => {
      if (stage === "index") setImmediate(() => stop.abort());
    };
    await expect(finetuneCrossEncoder(settings("early", { steps: 2, signal: stop.signal, onPrepare }))).rejects.toThrow(
      `${join(scratch, "early")}: stopped before the first step`,
    );
    await expect(finetuneCrossEncoder(settings("early", { steps: 2, resume: "must" }))).rejects.toMatchObject({
      code: "NOTHING_TO_RESUME",
    });
    expect((await finetuneCrossEncoder(settings("early", { steps: 2 }))).steps).toBe(2);
  });

  const built = fileURLToPath(new URL("../dist/cross-encoder-source.cjs", import.meta.url));
  it.skipIf(!existsSync(built))("trains the same with batches from a worker thread (runs the build)", async () => {
    const weights = (name: string) => readFile(join(scratch, name, "model.safetensors"));
    await finetuneCrossEncoder(settings("here", { epochs: 3 }));
    await finetuneCrossEncoder(settings("worker", { epochs: 3, workers: 1 }));
    expect((await weights("worker")).equals(await weights("here"))).toBe(true);
  });

  it("trains the same with negatives from a run file, JSON lines or the caller when they are the same", async () => {
    const pool = topics.flatMap((topic) => [0, 1, 2].map((i) => `${topic}-${i}`));
    const lines = topics.map((topic) => JSON.stringify({ query_id: `q-${topic}`, negative_document_ids: pool }));
    const trec = topics.flatMap((topic) => pool.map((id, i) => `q-${topic} Q0 ${id} ${i + 1} ${100 - i} test`));
    await writeFile(join(scratch, "negatives.jsonl"), `${lines.join("\n")}\n`);
    await writeFile(join(scratch, "negatives.run"), `${trec.join("\n")}\n`);
    const given = () => topics.map((topic) => ({ queryId: `q-${topic}`, documentIds: pool }));
    const trained: Buffer[] = [];
    for (const [name, negatives] of [
      ["from-lines", { file: join(scratch, "negatives.jsonl") }],
      ["from-run", { file: join(scratch, "negatives.run") }],
      ["given", given],
    ] as const) {
      await finetuneCrossEncoder(settings(name, { steps: 3, negatives }));
      trained.push(await readFile(join(scratch, name, "model.safetensors")));
    }
    expect(trained[1]!.equals(trained[0]!)).toBe(true);
    expect(trained[2]!.equals(trained[0]!)).toBe(true);
  });

  it("takes all negatives of JSON lines, however many, and as many as it is told", async () => {
    const many = Array.from({ length: 150 }, (_, i) => ({ id: `more-${i}`, title: "", text: "sand" }));
    const collection = topicCollection({ documents: [...topicContents().documents, ...many] });
    const file = join(scratch, "many.jsonl");
    const ids = many.map(({ id }) => id);
    await writeFile(
      file,
      topics.map((t) => JSON.stringify({ query_id: `q-${t}`, negative_document_ids: ids })).join("\n"),
    );
    const short = async (out: string, more: Partial<CrossEncoderTraining>) =>
      (await finetuneCrossEncoder(settings(out, { collection, negatives: { file }, steps: 1, batch: 1, ...more })))
        .shortOfNegatives;
    expect(await short("many-1", { groupSize: 151 })).toBe(0);
    expect(await short("many-2", { groupSize: 12, negativesDepth: 10 })).toBe(8);
  });

  it("says where the head comes from: carried over, fresh because there is none, fresh because asked for", async () => {
    const headless = join(scratch, "headless");
    await cp(tiny, headless, { recursive: true });
    const { parameters } = await loadCheckpoint(tiny, { heads: crossEncoderInits });
    const encoder = Object.entries(parameters).filter(([name]) => !/classifier|pooler/.test(name));
    await writeSafetensors(join(headless, "model.safetensors"), Object.fromEntries(encoder));

    const started = async (out: string, more: Partial<CrossEncoderTraining>) => {
      let start: TrainingStart | undefined;
      await finetuneCrossEncoder(settings(out, { steps: 1, onStart: (started) => (start = started), ...more }));
      return start;
    };
    expect(await started("head-1", {})).toMatchObject({ head: "carried", pooler: "carried" });
    expect(await started("head-2", { init: headless })).toMatchObject({ head: "fresh", pooler: "fresh" });
    expect(await started("head-3", { head: "fresh" })).toMatchObject({ head: "fresh", pooler: "carried" });
    await expect(started("head-4", { init: headless, head: "carry" })).rejects.toThrow(/missing: .*classifier\.weight/);
  });

  it("reads pairs as long as the texts that the model was trained on, unless told", async () => {
    const readsAtMost = async (out: string, more: Partial<CrossEncoderTraining>) => {
      const { folder } = await finetuneCrossEncoder(settings(out, { steps: 1, ...more }));
      return (await readModelCard(folder))!.contract!.maxTokens;
    };
    const short = join(scratch, "short-texts");
    await cp(tiny, short, { recursive: true });
    await writeFile(join(short, "propria.json"), JSON.stringify({ format: 1, provenance: { maxTokens: 16 } }));
    expect(await readsAtMost("length-1", {})).toBe(24); // nothing known: 512, but it has 24 positions
    expect(await readsAtMost("length-2", { init: short })).toBe(16);
    expect(await readsAtMost("length-3", { init: short, maxTokens: 20 })).toBe(20);
    expect(await readsAtMost("length-4", { init: join(scratch, "length-3") })).toBe(20);
  });

  it("counts queries with too few negatives and trains on random documents instead", async () => {
    const negatives = () => [{ queryId: "q-oil", documentIds: ["pump-1", "oil-1"] }];
    const result = await finetuneCrossEncoder(settings("short", { steps: 2, groupSize: 3, negatives }));
    expect(result.shortOfNegatives).toBe(8); // oil-1 is a positive, so one negative is left to q-oil
  });

  it.each<[string, Partial<CrossEncoderTraining>, string]>([
    [
      "DOCUMENT_UNKNOWN",
      { negatives: () => [{ queryId: "q-oil", documentIds: ["lost"] }] },
      "negatives of query q-oil: the corpus has no document lost",
    ],
    [
      "DOCUMENT_UNKNOWN",
      { collection: topicCollection({ qrels: new Map([["q-oil", new Map([["gone", 1]])]]) }) },
      "judgements of query q-oil: the corpus has no document gone",
    ],
    [
      "QUERY_UNKNOWN",
      { collection: topicCollection({ qrels: new Map([["q-lost", new Map([["oil-1", 1]])]]) }) },
      "topics, split train: query q-lost is judged but not among the queries",
    ],
    [
      "NO_TRAINING_QUERIES",
      { collection: topicCollection({ qrels: new Map([["q-oil", new Map([["oil-1", 0]])]]) }) },
      "no query has a relevant document",
    ],
    ["TOO_FEW_DOCUMENTS", { groupSize: 50 }, "48 documents do not fill a group of 50"],
    ["OPTION_INVALID", { groupSize: 1 }, "fine-tuning: groupSize"],
    ["OPTION_INVALID", { steps: 1, epochs: 1 }, "fine-tuning: steps: give one of steps and epochs"],
    ["PAIR_LIMITS", { queryTokens: 30 }, "30 query tokens leave no room"],
  ])("fails with %s (case %#)", async (code, more, message) => {
    const failing = finetuneCrossEncoder(settings("fails", { ...(more.epochs ? {} : { steps: 1 }), ...more }));
    await expect(failing).rejects.toMatchObject({ code });
    await expect(failing).rejects.toThrow(message);
  });

  it("names file and line of a negative that the corpus lacks, and a file of other queries' negatives", async () => {
    const file = join(scratch, "mined.jsonl");
    const line = (query_id: string, id: string) => `${JSON.stringify({ query_id, negative_document_ids: [id] })}\n`;
    const failing = (name: string) => finetuneCrossEncoder(settings(name, { steps: 1, negatives: { file } }));
    await writeFile(file, `${line("q-oil", "pump-1")}${line("q-pump", "lost")}`);
    await expect(failing("lost")).rejects.toThrow(`${file}:2: the corpus has no document lost (take it out`);
    await writeFile(file, line("q-other", "pump-1"));
    await expect(failing("other")).rejects.toMatchObject({ code: "QUERY_UNKNOWN", at: file });
  });

  it("writes into no folder that holds something else", async () => {
    const out = join(scratch, "notes");
    await cp(tiny, out, { recursive: true });
    await expect(finetuneCrossEncoder(settings("notes", { steps: 1 }))).rejects.toThrow(
      `${out}: exists already (name another folder, or remove this one)`,
    );
    expect((await readdir(out)).sort()).toEqual((await readdir(tiny)).sort());
  });
});
