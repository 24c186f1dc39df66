import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, openBackend, type ParameterStore } from "@propria/engine";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BagBatch, bagLoss, bagStore, bags } from "../test/bag-model.ts";
import { type Evaluated, type TrainingEvaluation, type TrainOptions, train } from "./index.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});
let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "trainer-evaluation-"));
  return () => rmSync(scratch, { recursive: true });
});

type Options = TrainOptions<BagBatch>;
const small = (store: ParameterStore, out: string, more: Partial<Options>): Options =>
  ({
    source: { module: bags, options: { itemCount: 12, longest: 20 } },
    ...{ store, backend, loss: bagLoss, out: join(scratch, out), seed: 1, batch: 4, learningRate: 0.02, workers: 0 },
    ...{ steps: 12, checkpointEvery: 5, identity: "bags" },
    ...more,
  }) as Options;
/** Values by step, in place of measuring anything. */
const scripted = (values: Record<number, number>, more: Partial<TrainingEvaluation> = {}) => {
  const asked: number[] = [];
  const value = async ({ step }: { step: number }) => {
    asked.push(step);
    return values[step] ?? 0;
  };
  return { asked, evaluation: { value, every: { steps: 2 }, ...more } as TrainingEvaluation };
};
const weightsAfter = async (steps: number) => {
  const store = bagStore();
  const stop = new AbortController();
  const onProgress = ({ step }: { step: number }) => step === steps && stop.abort();
  await train(small(store, `after-${steps}`, { signal: stop.signal, onProgress })).catch(() => undefined);
  return store.snapshot();
};

describe("train with an evaluation", () => {
  it("leaves the weights of the best value in the store, the first of equal ones, and tells all values", async () => {
    const store = bagStore();
    const { evaluation, asked } = scripted({ 2: 0.1, 4: 0.5, 6: 0.3, 8: 0.5, 10: 0.2, 12: 0.1 });
    const result = await train(small(store, "best", { evaluation }));
    expect(result.best).toEqual({ step: 4, value: 0.5 });
    expect(asked).toEqual([2, 4, 6, 8, 10, 12]);
    expect(result.evaluations!.map(({ step }) => step)).toEqual(asked);
    expect(result.steps).toBe(12);
    expect(store.snapshot()).toEqual(await weightsAfter(4));
    expect(readdirSync(join(scratch, "best/best"))).toEqual(["step-00000004"]);
  });

  it("ends when so many values in a row were no better, and is finished then", async () => {
    const script = () => scripted({ 2: 0.1, 4: 0.5, 6: 0.3, 8: 0.5, 10: 0.9 }, { patience: 2 });
    expect(await train(small(bagStore(), "early", script()))).toMatchObject({ steps: 8, best: { step: 4 } });
    const store = bagStore();
    const again = script();
    expect(await train(small(store, "early", again))).toMatchObject({ steps: 8, best: { step: 4 } });
    expect(again.asked).toEqual([]);
    expect(store.snapshot()).toEqual(await weightsAfter(4));
  });

  it("may find that the start was best", async () => {
    const store = bagStore();
    const { evaluation } = scripted({ 0: 1 }, { first: true });
    expect((await train(small(store, "start", { evaluation }))).best).toEqual({ step: 0, value: 1 });
    expect(store.snapshot()).toEqual(bagStore().snapshot());
  });

  it("evaluates by passages over the items, and after the last update in any case", async () => {
    const at = async (name: string, more: Partial<Options>, every: TrainingEvaluation["every"]) => {
      const { asked, evaluation } = scripted({}, { every });
      await train(small(bagStore(), name, { ...more, evaluation }));
      return asked;
    };
    expect(await at("steps", {}, { steps: 5 })).toEqual([5, 10, 12]);
    const byEpoch = await at("epochs", { steps: undefined, epochs: 4 } as Partial<Options>, { epochs: 1 });
    expect(byEpoch).toHaveLength(4);
  });

  it("stopped anywhere and called again, evaluates the same and ends with the same weights", async () => {
    const values = { 2: 0.1, 4: 0.5, 6: 0.3, 8: 0.2 };
    const whole = bagStore();
    const expected = await train(small(whole, "whole", scripted(values, { patience: 2 })));
    for (const step of [1, 2, 3, 4, 5, 6, 7]) {
      const stop = new AbortController();
      const onProgress = (progress: { step: number }) => progress.step === step && stop.abort();
      const broken = train(
        small(bagStore(), `broken-${step}`, { ...scripted(values, { patience: 2 }), signal: stop.signal, onProgress }),
      );
      await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
      const store = bagStore();
      const { evaluations, best, steps } = await train(
        small(store, `broken-${step}`, { ...scripted(values, { patience: 2 }), resume: "must" }),
      );
      expect({ evaluations, best, steps }).toEqual({
        ...{ evaluations: expected.evaluations, best: expected.best, steps: expected.steps },
      });
      expect(store.snapshot()).toEqual(whole.snapshot());
    }
  });

  it("stopped within an evaluation, begins with it when called again", async () => {
    const stop = new AbortController();
    const value = async ({ step }: Pick<Evaluated, "step">) => {
      if (step !== 4) return 0.1;
      stop.abort();
      throw new Error("stopped");
    };
    const evaluation = { value, every: { steps: 2 } };
    await expect(train(small(bagStore(), "within", { evaluation, signal: stop.signal }))).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    const { asked, ...again } = scripted({ 4: 0.7 });
    const { best } = await train(small(bagStore(), "within", again));
    expect(asked[0]).toBe(4);
    expect(best).toEqual({ step: 4, value: 0.7 });
  });

  it("refuses a value that is no number, other settings when it goes on, and best weights that are not whole", async () => {
    const nan = scripted({ 2: Number.NaN });
    await expect(train(small(bagStore(), "nan", nan))).rejects.toMatchObject({ code: "VALUE_NOT_FINITE" });
    await train(small(bagStore(), "done", scripted({ 2: 1 })));
    await expect(train(small(bagStore(), "done", scripted({}, { patience: 1 })))).rejects.toMatchObject({
      code: "OTHER_OPTIONS",
    });
    const best = join(scratch, "done/best/step-00000002");
    expect(existsSync(best)).toBe(true);
    rmSync(join(best, "weights.safetensors"));
    await expect(train(small(bagStore(), "done", scripted({ 2: 1 })))).rejects.toMatchObject({
      code: "CHECKPOINTS_TORN",
    });
    await expect(train(small(bagStore(), "bad", scripted({}, { every: { steps: 0 } })))).rejects.toMatchObject({
      code: "OPTION_INVALID",
    });
  });
});
