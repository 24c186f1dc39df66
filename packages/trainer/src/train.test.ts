import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, openBackend, type ParameterStore } from "@propria/engine";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BagBatch, bagLoss, bagStore, bags, stagedBagLoss } from "../test/bag-model.ts";
import { type TrainingEvent, type TrainingProgress, type TrainOptions, train } from "./index.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

let out: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "trainer-train-"));
  out = join(folder, "a", "training");
  return () => rmSync(folder, { recursive: true });
});

type Options = TrainOptions<BagBatch>;

/** A small training in this thread. */
const small = (more: Partial<Options> = {}): Options =>
  ({
    source: { module: bags, options: { itemCount: 12, longest: 20 } },
    ...{ store: bagStore(), backend, loss: bagLoss, out, seed: 1, batch: 4, learningRate: 0.02, workers: 0 },
    ...{ steps: 12, checkpointEvery: 4, identity: { data: "bags", options: { spans: 5 } } },
    ...more,
  }) as Options;

const weightsOf = (store: ParameterStore) => store.snapshot();
const events = (): TrainingEvent[] =>
  readFileSync(join(out, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainingEvent);

/** Trains and is interrupted after `step` updates. */
async function interruptAfter(step: number, more: Partial<Options> = {}): Promise<unknown> {
  const stopping = new AbortController();
  const onProgress = (progress: TrainingProgress) => progress.step === step && stopping.abort();
  return train(
    small({ ...more, signal: stopping.signal, onProgress: onProgress as Options["onProgress"] & object }),
  ).catch((error: unknown) => error);
}

describe("train", () => {
  it("lowers the loss and sums it up", async () => {
    const store = bagStore();
    const result = await train(small({ store, steps: 150, learningRate: 0.1, checkpointEvery: 1000 }));
    expect(result).toMatchObject({ steps: 150, resumedFrom: 0, meanOver: 100 });
    const losses = events().map((event) => event.loss);
    const mean = (values: number[]) => values.reduce((sum, loss) => sum + loss, 0) / values.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.9 * mean(losses.slice(0, 20)));
    expect(result.meanLoss).toBeCloseTo(mean(losses.slice(-100)), 10);
    expect(weightsOf(store)).not.toEqual(weightsOf(bagStore()));
  });

  it("writes an event and reports progress after each step, by the clock it is given", async () => {
    let now = 1000;
    const reports: TrainingProgress[] = [];
    const clock = () => {
      now += 500;
      return now;
    };
    const result = await train(small({ clock, onProgress: (progress) => reports.push(progress) }));
    const log = events();
    expect(log.map(({ step, elapsed }) => [step, elapsed])).toEqual(reports.map((_, i) => [i + 1, (i + 1) / 2]));
    expect(Object.keys(log[0]!)).toEqual([
      "step",
      "loss",
      "parts",
      "learningRate",
      "gradientNorm",
      "tokens",
      "elapsed",
    ]);
    expect(log[0]!.parts.logistic).toBeCloseTo(log[0]!.loss, 6);
    expect(reports[5]).toMatchObject({ step: 6, totalSteps: 12, fraction: 0.5, elapsedSeconds: 3, secondsLeft: 3 });
    const tokens = log.reduce((sum, event) => sum + event.tokens, 0);
    expect(result).toMatchObject({ tokens, elapsedSeconds: 6, tokensPerSecond: tokens / 6 });
  });

  it("warms up to the learning rate and comes down again", async () => {
    await train(small({ warmupRatio: 0.25, learningRate: 1 }));
    const rates = events().map((event) => event.learningRate);
    expect(rates.slice(0, 4)).toEqual([1 / 3, 2 / 3, 1, 0.9]);
    expect(rates.at(-1)).toBeCloseTo(0.1, 10);
  });

  it("trains by epochs, its rate by the items done", async () => {
    const reports: TrainingProgress[] = [];
    const { steps: _, ...rest } = small();
    const options = {
      ...rest,
      epochs: 3,
      remainder: "train",
      warmupRatio: 0,
      onProgress: (each: TrainingProgress) => reports.push(each),
    };
    const result = await train(options as Options);
    expect(result.steps).toBeGreaterThan(5);
    const rates = events().map((event) => event.learningRate);
    expect([...rates].sort((a, b) => b - a)).toEqual(rates);
    expect(Math.min(...rates)).toBeGreaterThan(0);
    expect(reports.at(-1)!.fraction).toBeGreaterThan(0.9); // items at the end without an example are not seen
  });

  it("gives the same weights with a worker thread as without", async () => {
    const [here, there] = [bagStore(), bagStore()];
    await train(small({ store: here }));
    await train(small({ store: there, workers: 1, out: join(out, "there") }));
    expect(weightsOf(there)).toEqual(weightsOf(here));
  });

  it("takes a source that is an object", async () => {
    const source = {
      itemCount: 8,
      *examples(item: number) {
        yield { ids: [item + 1, 2], label: item % 2 };
      },
      collate: (
        examples: readonly { ids: number[]; label: number }[],
        { pad }: { pad(rows: number[][]): BagBatch["tokens"] },
      ) => ({
        tokens: pad(examples.map(({ ids }) => ids)),
        labels: { data: Float32Array.from(examples, ({ label }) => label), shape: [examples.length] as [number] },
      }),
    };
    const { workers: _, ...rest } = small({ source: source as Options["source"] });
    expect((await train(rest as Options)).steps).toBe(12);
  });

  it("closes its source, after an error too", async () => {
    for (const fail of [undefined, "plain"]) {
      const closed = new SharedArrayBuffer(4);
      const source = { module: bags, options: { itemCount: 12, fail, failAt: 3, closed } };
      await train(small({ source, out: join(out, String(fail)) })).catch(() => undefined);
      expect(Atomics.load(new Int32Array(closed), 0)).toBe(1);
    }
  });

  it("passes on an error of the worker's", async () => {
    const source = { module: bags, options: { itemCount: 12, fail: "propria", failAt: 3 } };
    await expect(train(small({ source, workers: 1 }))).rejects.toMatchObject({ code: "BAG_TORN", at: "bags.mjs:7" });
  });

  it("says so when all epochs do not fill one batch", async () => {
    const { steps: _, ...rest } = small({ batch: 1000 });
    await expect(train({ ...rest, epochs: 1 } as Options)).rejects.toMatchObject({ code: "NO_BATCH" });
  });
});

describe("a staged loss", () => {
  const staged = (more: Partial<Options> = {}) =>
    small({ loss: stagedBagLoss, batch: 6, chunk: 4, ...more } as Options);

  it("is trained on whole, or in chunks: its first step is the same but for the dropout", async () => {
    const undropped = { ...stagedBagLoss, represent: withoutDropout };
    const steps: TrainingEvent[] = [];
    for (const chunk of [undefined, 4, { tokens: 64 }, 100]) {
      await train(staged({ loss: undropped, chunk, steps: 1, out: join(out, String(chunk)) }));
      steps.push(JSON.parse(readFileSync(join(out, String(chunk), "events.jsonl"), "utf8")) as TrainingEvent);
    }
    for (const { loss, parts, gradientNorm, tokens } of steps) {
      expect(loss).toBeCloseTo(steps[0]!.loss, 5);
      expect(parts.size).toBeCloseTo(steps[0]!.parts.size!, 5);
      expect(gradientNorm).toBeCloseTo(steps[0]!.gradientNorm, 5);
      expect(tokens).toBe(steps[0]!.tokens);
    }
  });

  it("gives the same weights with a worker thread as without, and wherever it stopped", async () => {
    const [here, there, resumed] = [bagStore(), bagStore(), bagStore()];
    await train(staged({ store: here, out: join(out, "..", "here") }));
    await train(staged({ store: there, workers: 1, out: join(out, "..", "there") }));
    expect(weightsOf(there)).toEqual(weightsOf(here));
    expect(await interruptAfter(7, staged())).toMatchObject({ code: "INTERRUPTED" });
    expect(await train(staged({ store: resumed, resume: "must" }))).toMatchObject({ resumedFrom: 7 });
    expect(weightsOf(resumed)).toEqual(weightsOf(here));
    expect(resumed.optimizerState()).toEqual(here.optimizerState());
  });

  it("has no item twice in a batch as far as items wait, and is another training than one by a plain loss", async () => {
    const twins = async (loss: Options["loss"], name: string) => {
      const seen: number[][] = [];
      const source = {
        itemCount: 40,
        *examples(item: number) {
          yield { ids: [item + 1] };
        },
        collate(examples: readonly { ids: number[] }[], { pad }: { pad(rows: number[][]): BagBatch["tokens"] }) {
          seen.push(examples.map(({ ids }) => ids[0]!));
          const labels = { data: new Float32Array(examples.length), shape: [examples.length] as [number] };
          return { tokens: pad(examples.map(({ ids }) => ids)), labels };
        },
      };
      const { workers: _, ...rest } = small({ source: source as Options["source"], loss, batch: 10, steps: 30 });
      await train({ ...rest, out: join(out, name) } as Options);
      const identity = JSON.parse(readFileSync(join(out, name, "training.json"), "utf8")) as Record<string, unknown>;
      return { batches: seen.filter((items) => new Set(items).size < items.length).length, identity };
    };
    const [plain, stages] = [await twins(bagLoss, "plain"), await twins(stagedBagLoss, "stages")];
    expect(plain.batches).toBeGreaterThan(5);
    expect(stages.batches).toBe(0);
    expect(stages.identity).toMatchObject({ distinctItems: true });
    expect(plain.identity).not.toHaveProperty("distinctItems");
  });

  it("does not go on with chunks of another size, to which other masks belong", async () => {
    await train(staged({ steps: 2 }));
    await expect(train(staged({ steps: 2, chunk: 3 }))).rejects.toThrow(
      /chunk was 4 when this training began, now it is 3/,
    );
  });
});

const withoutDropout: typeof stagedBagLoss.represent = (parameters, batch) =>
  stagedBagLoss.represent(parameters, batch, { dropout: { mask: () => undefined } });

describe("train's options", () => {
  it.each<[string, Record<string, unknown>]>([
    ["train: learningRate: ", { learningRate: 0 }],
    ["train: batch: expected a positive integer or { tokens }", { batch: 1.5 }],
    ["train: chunk: expected a positive integer or { tokens }", { loss: stagedBagLoss, chunk: 1.5 }],
    ["train: chunk: expected a loss with represent and contrast, found a plain one", { chunk: 2 }],
    ["train: warmupRatio: ", { warmupRatio: 1 }],
    ["train: resume: ", { resume: "maybe" }],
    ["train: steps: expected either steps or epochs", { epochs: 2 }],
    ["train: steps: expected either steps or epochs", { steps: undefined }],
    ["train: workers: a worker thread needs a source module", { workers: 1, source: { itemCount: 1 } }],
  ])("are refused with %j", async (message, more) => {
    await expect(train(small(more as Partial<Options>))).rejects.toThrow(message);
  });
});

describe("resume", () => {
  it("gives the weights, moments and events of an unbroken training, wherever it stopped", async () => {
    const whole = bagStore();
    await train(small({ store: whole, out: join(out, "..", "whole") }));
    for (const step of [1, 4, 7, 11]) {
      rmSync(out, { recursive: true, force: true });
      expect(await interruptAfter(step)).toMatchObject({ code: "INTERRUPTED" });
      const store = bagStore();
      expect(await train(small({ store, resume: "must" }))).toMatchObject({ steps: 12, resumedFrom: step });
      expect(weightsOf(store)).toEqual(weightsOf(whole));
      expect(store.optimizerState()).toEqual(whole.optimizerState());
      expect(events().map((event) => event.step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    }
  });

  it("goes on by epochs too", async () => {
    const byEpochs = (store: ParameterStore, more: Partial<Options> = {}) => {
      const { steps: _, ...rest } = small({ store, ...more });
      return { ...rest, epochs: 3, remainder: "train" } as Options;
    };
    const [whole, store] = [bagStore(), bagStore()];
    await train(byEpochs(whole, { out: join(out, "..", "whole") }));
    const stopping = new AbortController();
    const onProgress = ({ step }: TrainingProgress) => void (step === 5 && stopping.abort());
    await expect(train(byEpochs(bagStore(), { signal: stopping.signal, onProgress }))).rejects.toThrow("after step 5");
    await train(byEpochs(store));
    expect(weightsOf(store)).toEqual(weightsOf(whole));
  });

  it("loads a training that is finished, and trains no more", async () => {
    const [first, second] = [bagStore(), bagStore()];
    const done = await train(small({ store: first }));
    const again = await train(small({ store: second }));
    expect(weightsOf(second)).toEqual(weightsOf(first));
    expect(again).toEqual({ ...done, resumedFrom: 12 });
  });

  it("uses the checkpoint before a torn one", async () => {
    const whole = bagStore();
    await train(small({ store: whole }));
    const folder = join(out, "checkpoints");
    expect(readdirSync(folder).sort()).toEqual(["step-00000008", "step-00000012"]);
    truncateSync(join(folder, "step-00000012", "weights.safetensors"), 50);
    const store = bagStore();
    expect(await train(small({ store }))).toMatchObject({ steps: 12, resumedFrom: 8 });
    expect(weightsOf(store)).toEqual(weightsOf(whole));
    expect(events().length).toBe(12);
    for (const name of readdirSync(folder)) truncateSync(join(folder, name, "state.json"), 5);
    await expect(train(small())).rejects.toMatchObject({ code: "CHECKPOINTS_TORN" });
  });

  it("begins again when nothing was saved before the end came", async () => {
    await train(small({ steps: 3, checkpointEvery: 100 }));
    rmSync(join(out, "checkpoints", "step-00000003"), { recursive: true });
    expect(await train(small({ steps: 3 }))).toMatchObject({ resumedFrom: 0 });
    expect(events().length).toBe(3);
  });

  it("is refused to a folder with a training by never, and without a checkpoint by must", async () => {
    await expect(train(small({ resume: "must" }))).rejects.toMatchObject({ code: "NOTHING_TO_RESUME", at: out });
    await train(small({ resume: "never" }));
    await expect(train(small({ resume: "never" }))).rejects.toMatchObject({ code: "TRAINING_EXISTS", at: out });
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "an option of the identity",
      { identity: { data: "bags", options: { spans: 6 } } },
      "identity.options.spans was 5 when this training began, now it is 6",
    ],
    ["the seed", { seed: 2 }, "seed was 1 when this training began, now it is 2"],
    ["the steps", { steps: 13 }, "steps was 12"],
    ["the batch", { batch: { tokens: 100 } }, 'batch was 4 when this training began, now it is {"tokens":100}'],
    ["the optimizer", { optimizer: { weightDecay: 0 } }, "optimizer.weightDecay was absent"],
    ["the shapes", { store: bagStore(9) }, "initialWeights was"],
  ])("is refused when %s differs, which it names", async (_, more, message) => {
    await interruptAfter(5);
    const error: unknown = await train(small(more as Partial<Options>)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "OTHER_OPTIONS", at: join(out, "training.json") });
    expect((error as Error).message).toContain(message);
  });
});

describe("an abort", () => {
  it("before the first step leaves a training that can begin later", async () => {
    const signal = AbortSignal.abort();
    await expect(train(small({ signal }))).rejects.toThrow("stopped after step 0");
    expect((await train(small())).steps).toBe(12);
  });

  it("is heard between steps that never wait for anything", async () => {
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(), 100);
    await expect(train(small({ steps: 1_000_000, signal: stopping.signal }))).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });

  it("does not wait for a slow source", async () => {
    const stopping = new AbortController();
    const source = { module: bags, options: { itemCount: 12, fail: "loop", failAt: 2 } };
    setTimeout(() => stopping.abort(), 500);
    await expect(train(small({ source, workers: 1, signal: stopping.signal }))).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });
});
