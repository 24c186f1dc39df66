import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Document } from "@propria/collection";
import { openBackend } from "@propria/engine";
import { evaluate, type Qrels, type Run } from "@propria/metrics";
import { readModelCard } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection, topicContents, topics } from "../test/collections.ts";
import type { TrainingPassages } from "./cross-encoder-source.ts";
import { finetuneCrossEncoder } from "./finetune-cross-encoder.ts";
import { finetuneInteraction } from "./interaction/finetune-interaction.ts";
import { openReranker } from "./open-reranker.ts";
import type { PassageReading } from "./passages.ts";
import { rerank } from "./rerank.ts";
import type { TrainingCollection } from "./training-documents.ts";
import type { Validated, Validation, ValidationProgress } from "./validation.ts";

const tiny = fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url));

let scratch: string;
let candidates: string;
beforeAll(async () => {
  await openBackend("onnx"); // loads it, which a busy machine takes its time for
  scratch = await mkdtemp(join(tmpdir(), "validation-"));
  candidates = join(scratch, "candidates.run");
  await writeFile(
    candidates,
    topics.flatMap((t) => [5, 4, 3, 2, 1, 0].map((i) => `q-${t} Q0 ${t}-${i} ${6 - i} ${i} test\n`)).join(""),
  );
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The topics with the split `dev` of three queries. */
function collectionOfTwo(): TrainingCollection {
  const { qrels } = topicContents();
  const splits: Record<string, Qrels> = { train: new Map([...qrels].slice(0, 5)), dev: new Map([...qrels].slice(5)) };
  return { ...topicCollection(), qrels: async (split) => splits[split]! };
}

/** A way of training under one set of options for all models. */
type Options = Validated & { out: string; epochs?: number; signal?: AbortSignal };
const common = { batch: 4, checkpointEvery: 100, seed: 1, workers: 0 as const, groupSize: 3 };
const models = {
  "cross-encoder": ({ out, ...more }: Options) =>
    finetuneCrossEncoder({
      ...{ collection: collectionOfTwo(), init: tiny, out: join(scratch, out), queryTokens: 8, learningRate: 3e-3 },
      ...{ epochs: 4, ...common, ...more },
    }),
  knrm: ({ out, ...more }: Options) =>
    finetuneInteraction({
      ...{ collection: collectionOfTwo(), model: { model: "knrm" }, out: join(scratch, out), learningRate: 2e-2 },
      ...{ vectors: { train: { dimensions: 4, minCount: 1, epochs: 2 } }, epochs: 4, ...common, ...more },
    }),
};

/** What a saved model scores on the split, by the long way round. */
async function measured(out: string, measure: string, passages?: PassageReading): Promise<number> {
  const collection = collectionOfTwo();
  const documents = new Map<string, Document>();
  for await (const document of collection.documents()) documents.set(document.id, document);
  const run: Run = new Map(
    topics
      .slice(5)
      .map((t) => [`q-${t}`, [5, 4, 3, 2, 1, 0].map((i) => ({ documentId: `${t}-${i}`, score: i }))] as const),
  );
  const { model } = await openReranker(join(scratch, out));
  const reranked = await rerank(model, run, collection.queries(), documents, passages && { passages });
  await model.release();
  return evaluate(await collection.qrels("dev"), reranked, [measure]).mean[measure]!;
}

describe.each(["cross-encoder", "knrm"] as const)("validation of a %s", (name) => {
  const train = models[name];
  const weights = (out: string) => readFile(join(scratch, out, "model.safetensors"));
  const validation = (more: Partial<Validation> = {}): Validation => ({
    ...{ split: "dev", candidates: { file: candidates }, measure: "AP", ...more },
  });

  it("keeps the weights of the best value, which the saved model has too", async () => {
    const told: ValidationProgress[] = [];
    const out = `${name}-best`;
    const result = await train({ out, validation: validation(), onValidation: (progress) => told.push(progress) });
    const { measure, value, step, values } = result.validation!;
    expect(measure).toBe("AP");
    expect(values).toHaveLength(4);
    expect(value).toBe(Math.max(...values.map((each) => each.value)));
    expect(values.find((each) => each.value === value)!.step).toBe(step);
    expect(await measured(out, "AP")).toBeCloseTo(value, 10);
    const ends = told.filter((each) => each.value !== undefined);
    expect(ends.map(({ step, value }) => ({ step, value }))).toEqual(values);
    expect(ends[0]).toMatchObject({ pairs: 18, totalPairs: 18, measure: "AP" });
    expect((await readModelCard(join(scratch, out)))!.provenance).toMatchObject({
      best: { step, value },
      options: { validation: { split: "dev", measure: "AP", depth: 100, every: 1 } },
    });
  });

  it("ends early, and stopped within a validation and called again, with the same weights", async () => {
    const early = { validation: validation({ patience: 1, candidates: "bm25", depth: 10 }), epochs: 12 };
    const whole = await train({ out: `${name}-whole`, ...early });
    expect(whole.validation!.values.length).toBeLessThan(12);
    const stop = new AbortController();
    let seen = 0;
    const onValidation = ({ value }: ValidationProgress) => {
      if (value === undefined && ++seen === 2) stop.abort();
    };
    await expect(train({ out: `${name}-stopped`, ...early, signal: stop.signal, onValidation })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    const { validation: found, steps } = await train({ out: `${name}-stopped`, ...early });
    expect({ found, steps }).toEqual({ found: whole.validation, steps: whole.steps });
    expect((await weights(`${name}-stopped`)).equals(await weights(`${name}-whole`))).toBe(true);
  });

  it("refuses a split that is learnt, another measure when it goes on, and runs over something else", async () => {
    const refused = (out: string, more: Partial<Validation>, rest: Partial<Options> = {}) =>
      expect(train({ out: `${name}-${out}`, validation: validation(more), ...rest })).rejects;
    await refused("a", { split: "train" }).toMatchObject({ code: "OPTION_INVALID" });
    await refused("a", { measure: "nDGC@10" }).toMatchObject({ code: "MEASURE" });
    await refused("a", { depth: 0 }).toMatchObject({ code: "OPTION_INVALID", at: "fine-tuning: validation.depth" });
    const other = join(scratch, "other.run");
    await writeFile(other, "q-other Q0 oil-1 1 1 test\n");
    await refused("a", { candidates: { file: other } }).toThrow(`${other}: answers none of the 3 queries of split dev`);
    await writeFile(other, "q-stone Q0 lost 1 1 test\n");
    await refused("a", { candidates: { file: other } }).toThrow(
      `${other}, query q-stone: the corpus has no document lost`,
    );
    const stop = new AbortController();
    await refused("b", {}, { signal: stop.signal, onValidation: () => stop.abort() }).toMatchObject({
      code: "INTERRUPTED",
    });
    await refused("b", { measure: "RR" }).toMatchObject({ code: "OTHER_OPTIONS" });
  });
});

it("validates a cross-encoder by the passages that it is to rank by, which its folder remembers", async () => {
  const windows = { words: 2, stride: 1 };
  const train = async (out: string, passages: TrainingPassages) => {
    const validation = { split: "dev", candidates: { file: candidates }, measure: "AP" };
    const result = await finetuneCrossEncoder({
      ...{ collection: collectionOfTwo(), init: tiny, out: join(scratch, out), queryTokens: 8, learningRate: 1e-3 },
      ...{ ...common, epochs: 2, validation, passages },
    });
    const { options } = (await readModelCard(join(scratch, out)))!.provenance;
    return { ...result.validation!, remembered: (options as { passages: object }).passages };
  };
  const best = await train("by-max", windows);
  const first = await train("by-first", { score: "first" });
  expect(best.remembered).toEqual({ ...windows, most: 30, score: "max" });
  expect(best.values).not.toEqual(first.values);
  expect(await measured("by-max", "AP")).toBeCloseTo(best.value, 10);
  expect(await measured("by-max", "AP", { ...windows, score: "max" })).toBeCloseTo(best.value, 10);
  expect(await measured("by-first", "AP")).toBeCloseTo(first.value, 10);

  const learnt = await train("by-sum", { ...windows, score: "sum", train: "any" });
  expect(learnt.remembered).toEqual({ ...windows, most: 30, score: "sum", train: "any" });
  expect(await measured("by-sum", "AP")).toBeCloseTo(learnt.value, 10);
});
