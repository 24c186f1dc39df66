import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Adapter, attach, lora, type NamedAdapter, namedAdapter, saveAdapter } from "@propria/adapters";
import { seeded } from "@propria/base";
import {
  loadCheckpoint,
  poolerInits,
  readModelCard,
  readSafetensors,
  writeSafetensors,
} from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection } from "../../test/collections.ts";
import type { BiEncoderTraining } from "../bi-encoder/bi-encoder-training.ts";
import { finetuneBiEncoder } from "../bi-encoder/finetune-bi-encoder.ts";
import { openBiEncoder } from "../bi-encoder/open-bi-encoder.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/bi-encoder/tiny", import.meta.url));
const small: NamedAdapter = { ...namedAdapter("lora"), options: { rank: 2 } };

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const settings = (out: string, more: Partial<BiEncoderTraining> = {}): BiEncoderTraining => ({
  ...{ collection: topicCollection(), init: tiny, out: join(scratch, out), workers: 0, adapter: small },
  ...{ queryTokens: 12, maxTokens: 16, groupSize: 4, batch: 4, learningRate: 1e-2 },
  ...{ checkpointEvery: 4, seed: 1, threads: 1 },
  ...more,
});

const file = (out: string) => readFile(join(scratch, out, "adapter_model.safetensors"));

async function vectors(folder: string, options = {}) {
  const model = await openBiEncoder(folder, { threads: 1, ...options });
  const found = await model.encodeQueries(["what is oil?", "what is stone?"]);
  await model.release();
  return { found, ...model };
}

/** A copy of the model whose weights are others. */
async function anotherModel(): Promise<string> {
  const folder = join(scratch, "another");
  await cp(tiny, folder, { recursive: true });
  const { parameters } = await loadCheckpoint(tiny, { heads: poolerInits });
  parameters["bert.embeddings.word_embeddings.weight"]!.data[0]! += 1;
  await writeSafetensors(join(folder, "model.safetensors"), parameters);
  return folder;
}

describe("finetuneBiEncoder of an adapter", () => {
  it.each([
    ["lora", 0.7],
    ["iaa-l", 0.7],
    ["prefix", 0.96],
  ])("learns with %s: the loss falls, and the folder holds no copy of the model", async (name, share) => {
    const losses: number[] = [];
    const onProgress = ({ loss }: { loss: number }) => losses.push(loss);
    const adapter = namedAdapter(name);
    const { folder } = await finetuneBiEncoder(settings(name, { steps: 60, batch: 8, adapter, onProgress }));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(share * mean(losses.slice(0, 10)));
    expect((await readdir(folder)).sort()).toEqual([
      "adapter_config.json",
      "adapter_model.safetensors",
      "checkpoints",
      "events.jsonl",
      "propria.json",
      "training.json",
    ]);
    const { found, contract, space } = await vectors(folder);
    expect(contract).toEqual((await readModelCard(folder))!.contract);
    expect(found).not.toEqual((await vectors(tiny)).found);
    expect(space.weights).toBe((await vectors(tiny)).space.weights);
    expect(space.adapter).toMatch(/^[0-9a-f]{64}$/);
  });

  it("keeps only what is trained in checkpoints; stopped and called again, it ends in the same file", async () => {
    await finetuneBiEncoder(settings("unbroken", { epochs: 4 }));
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 5 && stop.abort();
    const broken = finetuneBiEncoder(settings("broken", { epochs: 4, signal: stop.signal, onProgress }));
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    const { tensors } = await readSafetensors(join(scratch, "broken/checkpoints/step-00000005/weights.safetensors"));
    expect(Object.keys(tensors).every((name) => name.startsWith("adapter."))).toBe(true);
    const other = { ...small, options: { rank: 3 } };
    await expect(finetuneBiEncoder(settings("broken", { epochs: 4, adapter: other }))).rejects.toThrow(
      /identity\.adapter\.options\.rank/,
    );
    await expect(finetuneBiEncoder(settings("broken", { epochs: 4, init: await anotherModel() }))).rejects.toThrow(
      /identity\.adapter\.base/,
    );
    const steps: number[] = [];
    await finetuneBiEncoder(settings("broken", { epochs: 4, onProgress: ({ step }) => steps.push(step) }));
    expect(steps[0]).toBe(6);
    expect((await file("broken")).equals(await file("unbroken"))).toBe(true);
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
      const adapter = { ...small, options: { rank: 2, dropout: 0 } };
      await finetuneBiEncoder(settings(name, { init: still, steps: 4, batch: 8, adapter, ...chunk, onProgress }));
      return seen;
    };
    const whole = await losses("whole", {});
    for (const [i, loss] of (await losses("chunked", { chunk: 3 })).entries()) expect(loss).toBeCloseTo(whole[i]!, 3);
  });

  it("says which pattern matches nothing, before it writes anything", async () => {
    const adapter = { ...small, options: { targets: ["query.dense"] } };
    await expect(finetuneBiEncoder(settings("nowhere", { adapter }))).rejects.toMatchObject({ code: "ADAPTER_SITE" });
    expect(existsSync(join(scratch, "nowhere"))).toBe(false);
  });
});

describe("openBiEncoder of an adapter's folder", () => {
  it("wants the model that it was trained on, where it was or where the caller says", async () => {
    const init = join(scratch, "base");
    await cp(tiny, init, { recursive: true });
    const { folder } = await finetuneBiEncoder(settings("moved", { init, steps: 1 }));
    const { found, space } = await vectors(folder);
    await rename(init, `${init}-2`);
    await expect(openBiEncoder(folder)).rejects.toThrow(
      `${folder}: holds an adapter, and its model is expected at ${init}, where there is none (give the model's folder as base)`,
    );
    const there = await vectors(folder, { base: `${init}-2` });
    expect(there.found).toEqual(found);
    expect(there.space).toEqual(space);
    await expect(openBiEncoder(folder, { base: await anotherModel() })).rejects.toMatchObject({ code: "ADAPTER_BASE" });
    const second = await finetuneBiEncoder(settings("second", { init: tiny, steps: 2 }));
    expect((await vectors(second.folder)).space).not.toEqual(space);
    await expect(finetuneBiEncoder(settings("third", { init: folder, base: `${init}-2` }))).rejects.toThrow(
      `${folder}: holds the adapter lora, which a training goes on with (name no adapter; or start from the model, or from one that the adapter is merged into)`,
    );
  });

  it.each(["lora", "prefix"])("goes on with it where a training starts from it: %s", async (name) => {
    const adapter = { ...namedAdapter(name), options: name === "lora" ? { rank: 2 } : { length: 2, middle: 8 } };
    const { folder } = await finetuneBiEncoder(settings(`${name}-1`, { steps: 3, adapter, similarity: "cosine" }));
    const { adapter: _, ...whole } = settings(`${name}-2`, { init: folder, steps: 3 });
    const on = await finetuneBiEncoder(whole);
    expect(await readdir(on.folder)).not.toContain("model.safetensors");
    const [first, second] = [await vectors(folder), await vectors(on.folder)];
    expect(second.contract).toEqual(first.contract);
    expect(second.found).not.toEqual(first.found);
    const before = await readSafetensors(join(folder, "adapter_model.safetensors"));
    const after = await readSafetensors(join(on.folder, "adapter_model.safetensors"));
    expect(Object.keys(after.tensors)).toEqual(Object.keys(before.tensors));
    expect(after.metadata).toEqual(before.metadata); // of the model that both stand on
    const { tensors } = await readSafetensors(join(on.folder, "checkpoints/step-00000003/weights.safetensors"));
    expect(Object.keys(tensors).every((each) => /lora_|prefix\.(keys|values)/.test(each))).toBe(true);
  });

  it("wants an adapter of one's own again, and tells where it was", async () => {
    const { peft: _, ...form } = lora as Adapter & { peft: unknown };
    const own = { ...form, name: "own" } as Adapter; // in our own form, for PEFT's names no adapter
    const adapter = { adapter: own, options: {}, file: { path: "/home/me/own.ts", sha256: "1" } };
    const { folder } = await finetuneBiEncoder(settings("own", { steps: 1, adapter }));
    await expect(openBiEncoder(folder)).rejects.toThrow(
      `${folder}: own is an adapter of your own, defined in /home/me/own.ts (give that file too)`,
    );
    expect((await vectors(folder, { adapters: [own] })).space.adapter).toBeDefined();
  });

  it("takes what PEFT wrote, with the model's own contract", async () => {
    const { config, parameters } = await loadCheckpoint(tiny, { heads: poolerInits });
    const attachment = attach(lora, { config, options: small.options });
    const folder = join(scratch, "peft");
    const own = attachment.initialize(seeded(1));
    await saveAdapter(folder, { attachment, parameters: own, base: parameters, baseFolder: tiny });
    const { found, contract, assumed } = await vectors(folder);
    const model = await vectors(tiny);
    expect(contract).toEqual(model.contract);
    expect(assumed).toEqual([]);
    expect(found).toEqual(model.found); // LoRA begins as nothing
  });
});
