import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { namedAdapter } from "@propria/adapters";
import { loadCheckpoint, readSafetensors, writeSafetensors } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection } from "../../test/collections.ts";
import { openBiEncoder } from "../bi-encoder/open-bi-encoder.ts";
import { crossEncoderInits } from "../cross-encoder.ts";
import { crossValidate } from "../cross-validation/cross-validate.ts";
import { type CrossEncoderTraining, finetuneCrossEncoder } from "../finetune-cross-encoder.ts";
import { openCrossEncoder } from "../open-cross-encoder.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const settings = (out: string, more: Partial<CrossEncoderTraining> = {}): CrossEncoderTraining => ({
  ...{ collection: topicCollection(), init: tiny, out: join(scratch, out), workers: 0, threads: 1 },
  ...{ queryTokens: 8, batch: 8, learningRate: 1e-2, checkpointEvery: 4, seed: 1 },
  adapter: { ...namedAdapter("lora"), options: { rank: 2 } },
  ...more,
});

const file = (out: string) => join(scratch, out, "adapter_model.safetensors");
const names = async (path: string) => Object.keys((await readSafetensors(path)).tensors);

/** The model of the fixtures without its pooler and classifier. */
async function bare(): Promise<string> {
  const folder = join(scratch, "bare");
  await cp(tiny, folder, { recursive: true });
  const { parameters } = await loadCheckpoint(tiny, { heads: crossEncoderInits });
  const encoder = Object.entries(parameters).filter(([name]) => !/^(classifier|bert\.pooler)\./.test(name));
  await writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(encoder));
  return folder;
}

describe("finetuneCrossEncoder of an adapter", () => {
  it("learns to rank, and leaves the adapter and the classifier", async () => {
    const losses: number[] = [];
    const onProgress = ({ loss }: { loss: number }) => losses.push(loss);
    const { folder } = await finetuneCrossEncoder(settings("learns", { steps: 80, groupSize: 4, onProgress }));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.7 * mean(losses.slice(0, 10)));
    const heads = (await names(file("learns"))).filter((name) => !name.includes("lora_"));
    expect(heads.sort()).toEqual(["base_model.model.classifier.bias", "base_model.model.classifier.weight"]);
    expect(await readdir(folder)).not.toContain("model.safetensors");
    expect((await stat(file("learns"))).size).toBeLessThan(0.3 * (await stat(join(tiny, "model.safetensors"))).size);
    const model = await openCrossEncoder(folder);
    const pairs = ["water", "sand"].map((word) => ({ query: "what is oil?", document: `cold oil ${word} wind` }));
    const [relevant, other] = await model.score(pairs);
    await model.release();
    expect(relevant).toBeGreaterThan(other!);
  });

  it("stopped and called again, ends in the same file", async () => {
    await finetuneCrossEncoder(settings("unbroken", { epochs: 8 }));
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 5 && stop.abort();
    await expect(
      finetuneCrossEncoder(settings("broken", { epochs: 8, signal: stop.signal, onProgress })),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    const kept = await names(join(scratch, "broken/checkpoints/step-00000005/weights.safetensors"));
    expect(kept.filter((name) => !name.startsWith("adapter."))).toEqual(["classifier.weight", "classifier.bias"]);
    await finetuneCrossEncoder(settings("broken", { epochs: 8 }));
    expect((await readFile(file("broken"))).equals(await readFile(file("unbroken")))).toBe(true);
  });

  it("trains and saves a pooler that the model lacks", async () => {
    const { folder, pooler } = await finetuneCrossEncoder(settings("pooled", { init: await bare(), steps: 2 }));
    expect(pooler).toBe("fresh");
    expect(await names(file("pooled"))).toContain("base_model.model.bert.pooler.dense.weight");
    const model = await openCrossEncoder(folder);
    expect(await model.score([{ query: "oil", document: "water" }])).toHaveLength(1);
    await model.release();
  });

  it("goes on with it, its classifier, and a pooler that the model lacks, where a training starts from it", async () => {
    const { folder } = await finetuneCrossEncoder(settings("on-1", { init: await bare(), steps: 2 }));
    const { adapter: _, ...whole } = settings("on-2", { init: folder, steps: 2 });
    const on = await finetuneCrossEncoder(whole);
    expect(on).toMatchObject({ head: "carried", pooler: "carried" });
    expect(await names(file("on-2"))).toEqual(await names(file("on-1")));
    const encoder = await openBiEncoder(on.folder, { pooling: "cls", similarity: "dot" }); // without the heads that lie there
    expect(await encoder.encodeQueries(["oil"])).toHaveLength(encoder.dimensions);
    await encoder.release();
  });

  it("is refused with a model of another pooler, though it attaches to none", async () => {
    const { folder } = await finetuneCrossEncoder(settings("pooler", { steps: 1 }));
    const other = join(scratch, "other-pooler");
    await cp(tiny, other, { recursive: true });
    const { parameters } = await loadCheckpoint(tiny, { heads: crossEncoderInits });
    parameters["bert.pooler.dense.bias"]!.data[0]! += 1;
    await writeSafetensors(join(other, "model.safetensors"), parameters);
    await expect(openCrossEncoder(folder, { base: other })).rejects.toMatchObject({ code: "ADAPTER_BASE" });
    const vectors = { base: other, pooling: "cls", similarity: "dot" } as const; // which no pooler has a part in
    await (await openBiEncoder(folder, vectors)).release();
  });

  it("is validated, and cross-validated, with the adapter", async () => {
    const validation = { split: "dev", depth: 10 };
    const adapter = namedAdapter("iaa-l");
    const { folder, validation: best } = await finetuneCrossEncoder(
      settings("valid", { epochs: 4, adapter, validation }),
    );
    expect(best!.value).toBeGreaterThan(0);
    const { folds } = await crossValidate({
      ...settings("folds", { epochs: 1, adapter }),
      ...{ split: "train", folds: 3, validation: { depth: 10 } },
    });
    expect(folds).toHaveLength(3);
    const note = JSON.parse(await readFile(join(scratch, "folds/cross-validation.json"), "utf8"));
    expect(note.adapter).toEqual({ name: "iaa-l", options: {} });
    await writeFile(join(folder, "adapter_config.json"), "{}");
    await expect(openCrossEncoder(folder)).rejects.toMatchObject({ code: "ADAPTER_FILE" });
  });
});
