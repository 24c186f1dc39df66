import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Config } from "../test/encoder.ts";
import { chunksOf, stagedInitial, stagedModel, type Texts, textsOf } from "../test/staged-model.ts";
import { cachedStep, openBackend, ParameterStore, trainingStep, wholeLoss } from "./index.ts";

const real: Config = { layers: 4, hidden: 256, heads: 4, vocabulary: 30_522, positions: 128 };
const config: Config = { layers: 4, hidden: 128, heads: 2, vocabulary: 5000, positions: 128 };
const ROWS = 8; // of a chunk
const MEGABYTE = 2 ** 20;

/** Most memory that the process holds while it works, above what it holds before. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  writeFileSync("/proc/self/clear_refs", "5"); // the high-water mark starts again
  const before = kilobytes("VmRSS");
  await work();
  return (kilobytes("VmHWM") - before) * 1024;
}

const kilobytes = (field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))![1]);

describe("cachedStep of a model of real size", () => {
  it("has every gradient of the whole batch", async () => {
    const options = { backend: await openBackend("onnx"), store: ParameterStore.create(stagedInitial(real)), seed: 1 };
    const batch = textsOf(real, 12, 128);
    const whole = await trainingStep<Texts>({ ...options, loss: wholeLoss(stagedModel(real)) }).gradients(batch, {
      step: 1,
    });
    const ours = await cachedStep({ ...options, loss: stagedModel(real) }).gradients(chunksOf(batch, 5), { step: 1 });
    expect(Math.abs(ours.loss / whole.loss - 1)).toBeLessThan(1e-6);
    for (const [name, expected] of Object.entries(whole.gradients)) {
      if (/key\.bias$/.test(name)) continue; // 0 but for rounding
      const largest = expected.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      const error = expected.reduce((most, each, i) => Math.max(most, Math.abs(each - ours.gradients[name]![i]!)), 0);
      expect(error / largest, name).toBeLessThan(1e-5);
    }
  });
});

describe.runIf(process.platform === "linux")("memory of cachedStep", () => {
  it("depends on the chunk and not on the batch, as a whole step's does", async () => {
    const backend = await openBackend("onnx", { memory: "small" });
    const options = { backend, store: ParameterStore.create(stagedInitial(config)), seed: 1 };
    const cached = cachedStep({ ...options, loss: stagedModel(config, { rate: 0.1 }) });
    const whole = trainingStep<Texts>({ ...options, loss: wholeLoss(stagedModel(config, { rate: 0.1 })) });
    const [few, many] = [textsOf(config, 2 * ROWS, 128), textsOf(config, 16 * ROWS, 128)];
    for (const batch of [few, many]) await cached.gradients(chunksOf(batch, ROWS), { step: 1 }); // compiles
    const two = await peakOf(() => cached.gradients(chunksOf(few, ROWS), { step: 1 }));
    const sixteen = await peakOf(() => cached.gradients(chunksOf(many, ROWS), { step: 1 }));
    const all = await peakOf(() => whole.gradients(many, { step: 1 }));
    console.log([two, sixteen, all].map((bytes) => `${Math.round(bytes / MEGABYTE)} MB`).join(", "));
    expect(sixteen).toBeLessThan(two + 60 * MEGABYTE); // what garbage collection leaves to chance
    expect(all).toBeGreaterThan(5 * Math.max(two, sixteen));
  });
});
