import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate, type Run } from "@propria/metrics";
import { loadCheckpoint, readModelCard } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection, topicContents } from "../../test/collections.ts";
import type { BiEncoderTraining } from "./bi-encoder-training.ts";
import { finetuneBiEncoder } from "./finetune-bi-encoder.ts";
import { openBiEncoder } from "./open-bi-encoder.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/bi-encoder/tiny", import.meta.url));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const settings = (out: string, more: Partial<BiEncoderTraining> = {}): BiEncoderTraining => ({
  collection: topicCollection(),
  init: tiny,
  out: join(scratch, out),
  workers: 0,
  ...{
    queryTokens: 12,
    maxTokens: 16,
    groupSize: 4,
    batch: 4,
    learningRate: 3e-3,
    checkpointEvery: 4,
    seed: 1,
    threads: 1,
  },
  ...more,
});

const weights = (name: string) => readFile(join(scratch, name, "model.safetensors"));

/** nDCG@10 of all documents, ranked by brute force. */
async function quality(folder: string): Promise<number> {
  const { documents: all, queries: asked, qrels: judged } = topicContents();
  const model = await openBiEncoder(folder, { threads: 1 });
  const [queries, documents] = [
    await model.encodeQueries(asked.map(({ text }) => text)),
    await model.encodeDocuments(all.map(({ text }) => text)),
  ];
  await model.release();
  const d = model.dimensions;
  const dot = (i: number, j: number) =>
    queries.subarray(i * d, (i + 1) * d).reduce((sum, x, k) => sum + x * documents[j * d + k]!, 0);
  const run: Run = new Map(
    asked.map(({ id }, i) => [id, all.map((document, j) => ({ documentId: document.id, score: dot(i, j) }))]),
  );
  return evaluate(judged, run, ["nDCG@10"]).mean["nDCG@10"]!;
}

describe("finetuneBiEncoder", () => {
  it("learns to search: the loss falls, and what is relevant comes up", async () => {
    const losses: number[] = [];
    const result = await finetuneBiEncoder(
      settings("learns", { steps: 120, batch: 8, onProgress: ({ loss }) => losses.push(loss) }),
    );
    expect(result).toMatchObject({ folder: join(scratch, "learns"), steps: 120, queries: 8, taught: 0 });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.5 * mean(losses.slice(0, 10)));
    expect(await quality(tiny)).toBeLessThan(0.2);
    expect(await quality(result.folder)).toBeGreaterThan(0.8);
  });

  it("leaves a model folder that says how it encodes and where it comes from, and no training data", async () => {
    const { folder } = await finetuneBiEncoder(settings("saved", { steps: 2, pooling: "cls", similarity: "dot" }));
    const card = await readModelCard(folder);
    expect(card!.contract).toEqual({
      ...{ texts: "single", maxTokens: 16, maxQueryTokens: 10, pooling: "cls", normalize: false, similarity: "dot" },
      ...{ queryPrefix: "query: ", documentPrefix: "passage: " },
    });
    expect(card!.provenance).toMatchObject({
      objective: "bi-encoder",
      options: { groupSize: 4, negatives: "bm25", keep: 30, temperature: 1, falseNegatives: "mask" },
      ...{ collection: "topics", seed: 1, steps: 2 },
    });
    expect(existsSync(join(folder, "data"))).toBe(false);
    expect(existsSync(join(folder, "modules.json"))).toBe(true);
    const model = await openBiEncoder(folder);
    expect(model.contract).toEqual(card!.contract);
    await expect(finetuneBiEncoder(settings("saved", { steps: 2 }))).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });

  it("keeps what the start says of pooling, similarity and prefixes unless told otherwise", async () => {
    let contract = {};
    await finetuneBiEncoder(settings("kept", { steps: 1, onStart: (start) => (contract = start.contract) }));
    expect(contract).toMatchObject({ pooling: "mean", similarity: "cosine", normalize: true, queryPrefix: "query: " });
  });

  it("stopped and called again, ends in the same weights as one never stopped", async () => {
    const epochs = 4;
    await finetuneBiEncoder(settings("unbroken", { epochs }));
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 5 && stop.abort();
    await expect(
      finetuneBiEncoder(settings("broken", { epochs, signal: stop.signal, onProgress })),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(finetuneBiEncoder(settings("broken", { epochs, temperature: 0.1 }))).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
    });
    const steps: number[] = [];
    await finetuneBiEncoder(settings("broken", { epochs, onProgress: ({ step }) => steps.push(step) }));
    expect(steps[0]).toBe(6);
    expect((await weights("broken")).equals(await weights("unbroken"))).toBe(true);
  });

  it("decays no weights unless told to", async () => {
    const squared = async (out: string, more: Partial<BiEncoderTraining>) => {
      const { folder } = await finetuneBiEncoder(settings(out, { steps: 4, ...more }));
      const { parameters } = await loadCheckpoint(folder);
      const values = Object.values(parameters).flatMap(({ data }) => [...data]);
      return values.reduce((sum, x) => sum + x * x, 0);
    };
    const free = await squared("free", {});
    expect(await squared("zero", { weightDecay: 0 })).toBe(free);
    expect(await squared("decayed", { weightDecay: 1 })).toBeLessThan(free);
    expect((await readModelCard(join(scratch, "free")))!.provenance.options).toMatchObject({ weightDecay: 0 });
  });

  const built = fileURLToPath(new URL("../../dist/bi-encoder-source.cjs", import.meta.url));
  it.skipIf(!existsSync(built))("trains the same with batches from a worker thread (runs the build)", async () => {
    await finetuneBiEncoder(settings("here", { epochs: 2 }));
    await finetuneBiEncoder(settings("worker", { epochs: 2, workers: 1 }));
    expect((await weights("worker")).equals(await weights("here"))).toBe(true);
  });

  it("learns from the other queries' positives alone, each positive an example when told to", async () => {
    const steps: number[] = [];
    const onProgress = ({ step }: { step: number }) => steps.push(step);
    const alone = { negatives: "in-batch", positives: "each" } as const;
    const { groupSize: _, ...rest } = settings("in-batch", { ...alone, epochs: 1, onProgress });
    const result = await finetuneBiEncoder(rest);
    expect(result).toMatchObject({ steps: 6, shortOfNegatives: 0 }); // 8 queries with 3 positives each, 4 in a batch
    expect(result.falseNegatives).toBe(0); // two positives of a query are not drawn into one batch
    const wide = await finetuneBiEncoder({ ...rest, out: join(scratch, "wide"), batch: 12 });
    expect(wide.falseNegatives).toBeGreaterThan(0); // but where a batch holds more of them than there are queries
    await expect(finetuneBiEncoder({ ...rest, out: join(scratch, "two"), groupSize: 2 })).rejects.toThrow(
      "fine-tuning: groupSize: with in-batch negatives alone a query has one passage, its positive",
    );
  });

  it("computes in chunks what it computes at once", async () => {
    const still = join(scratch, "still");
    await cp(tiny, still, { recursive: true });
    const config = JSON.parse(await readFile(join(still, "config.json"), "utf8"));
    const noDropout = { ...config, hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 }; // masks belong to chunks
    await writeFile(join(still, "config.json"), JSON.stringify(noDropout));
    const losses = async (name: string, chunk: { chunk?: number }) => {
      const seen: number[] = [];
      const onProgress = ({ loss }: { loss: number }) => seen.push(loss);
      await finetuneBiEncoder(settings(name, { init: still, steps: 4, batch: 8, ...chunk, onProgress }));
      return seen;
    };
    const whole = await losses("whole", {});
    for (const [i, loss] of (await losses("chunked", { chunk: 3 })).entries()) expect(loss).toBeCloseTo(whole[i]!, 3);
  });

  it("learns a teacher's scores, and says how many of its documents the teacher scored", async () => {
    const { queries: asked, documents: all } = topicContents();
    const lines = asked.flatMap(({ id }) =>
      all
        .filter((document) => document.id.endsWith("0") || document.id.startsWith(id.slice(2)))
        .map(
          (document, i) => `${id} Q0 ${document.id} ${i + 1} ${document.id.startsWith(id.slice(2)) ? 8 : 1} teacher`,
        ),
    );
    const run = join(scratch, "teacher.run");
    await writeFile(run, `${lines.join("\n")}\n`);
    for (const loss of ["marginMse", "kl"] as const) {
      const losses: number[] = [];
      const onProgress = (progress: { loss: number }) => losses.push(progress.loss);
      const options = { steps: 40, distill: { run, loss }, similarity: "dot", onProgress } as const;
      const result = await finetuneBiEncoder(settings(loss, options));
      expect(result.taught).toBeGreaterThan(0.3);
      expect(Math.min(...losses.slice(-5))).toBeLessThan(losses[0]!);
    }
    const other = join(scratch, "other.run");
    await writeFile(other, "q-oil Q0 stone-5 1 3 teacher\n".replaceAll("q-oil", "q-nothing"));
    await expect(
      finetuneBiEncoder(settings("silent", { steps: 1, distill: { run: other, loss: "kl" } })),
    ).rejects.toMatchObject({ code: "TEACHER_SILENT", at: other });
  });

  it.each([
    [{ batch: 0 }, "fine-tuning: batch"],
    [{ maxTokens: 500 }, "fine-tuning: maxTokens: the encoder has 24 positions, found 500"],
    [{ distill: { run: "x", loss: "mse" } }, "fine-tuning: distill.loss"],
    [{ groupSize: 1, batch: 1 }, "fine-tuning: batch: one query alone has no negatives"],
    [{ steps: 2, epochs: 2 }, "fine-tuning: steps: give one of steps and epochs"],
  ])("names an option that cannot be: %j", async (options, message) => {
    await expect(finetuneBiEncoder(settings("refused", options as Partial<BiEncoderTraining>))).rejects.toThrow(
      message,
    );
    expect(existsSync(join(scratch, "refused"))).toBe(false);
  });
});
