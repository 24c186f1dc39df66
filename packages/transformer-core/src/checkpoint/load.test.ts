import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { describe, expect, it } from "vitest";
import { allHeads, oracle, temporaryFolder } from "../../test/fixtures.ts";
import {
  type HostParameters,
  loadCheckpoint,
  maskedLanguageModelInits,
  poolerInits,
  rankingInits,
  readSafetensors,
  writeSafetensors,
} from "../index.ts";

const tiny = (await readSafetensors(oracle("tiny-bert/model.safetensors"))).tensors;
const encoderOnly = only((name) => name.startsWith("bert.") && !name.startsWith("bert.pooler."));

function only(keep: (name: string) => boolean, rename = (name: string) => name): HostParameters {
  return Object.fromEntries(
    Object.entries(tiny).flatMap(([name, value]) => (keep(name) ? [[rename(name), value]] : [])),
  );
}

/** A folder with the tiny BERT's config and these parameters. */
async function folderOf(parameters: HostParameters): Promise<string> {
  const folder = temporaryFolder();
  copyFileSync(oracle("tiny-bert/config.json"), join(folder, "config.json"));
  await writeSafetensors(join(folder, "model.safetensors"), parameters);
  return folder;
}

describe("loadCheckpoint", () => {
  it("loads an encoder with its heads, in the order of the forward pass", async () => {
    const { config, parameters, fresh, dropped } = await loadCheckpoint(oracle("tiny-bert"), { heads: allHeads });
    expect(config.layers).toBe(2);
    expect(parameters).toEqual(tiny);
    expect(Object.keys(parameters)[0]).toBe("bert.embeddings.word_embeddings.weight");
    expect([fresh, dropped]).toEqual([[], []]);
  });

  it("lists what is missing and what is unexpected", async () => {
    const { "bert.encoder.layer.1.output.dense.bias": _, ...rest } = encoderOnly;
    const folder = await folderOf({ ...rest, "bert.odd": tiny["classifier.bias"]! });
    await expect(loadCheckpoint(folder)).rejects.toMatchObject({
      code: "CHECKPOINT",
      at: join(folder, "model.safetensors"),
      message: expect.stringContaining(
        "1 missing: bert.encoder.layer.1.output.dense.bias; 1 unexpected: bert.odd (heads that",
      ),
    });
  });

  it("refuses heads that nobody asked for, and drops those it is told to", async () => {
    await expect(loadCheckpoint(oracle("tiny-bert"))).rejects.toThrow("9 unexpected: bert.pooler.dense.bias");
    const { parameters, dropped } = await loadCheckpoint(oracle("tiny-bert"), {
      drop: ["cls", "classifier", "bert.pooler"],
    });
    expect(parameters).toEqual(encoderOnly);
    expect(dropped).toHaveLength(9);
  });

  it("refuses another shape", async () => {
    const folder = await folderOf({
      ...encoderOnly,
      "bert.embeddings.LayerNorm.bias": { shape: [2, 8], data: new Float32Array(16) },
    });
    await expect(loadCheckpoint(folder)).rejects.toThrow(
      "1 of another shape: bert.embeddings.LayerNorm.bias [2,8] instead of [16]",
    );
  });

  it("starts heads fresh when they are asked for by name and absent", async () => {
    const folder = await folderOf(encoderOnly);
    const heads = allHeads;
    await expect(loadCheckpoint(folder, { heads, fresh: ["cls"], random: seeded(1) })).rejects.toThrow("4 missing");
    const options = { heads, fresh: ["cls", "classifier", "bert.pooler"] };
    const a = await loadCheckpoint(folder, { ...options, random: seeded(1) });
    const b = await loadCheckpoint(folder, { ...options, random: seeded(1) });
    expect(a.fresh).toHaveLength(9);
    expect(a.parameters).toEqual(b.parameters);
    expect(a.parameters["classifier.weight"]?.shape).toEqual([1, 16]);
    const kept = await loadCheckpoint(oracle("tiny-bert"), { ...options, random: seeded(1) });
    expect(kept.fresh).toEqual([]);
    expect(kept.parameters).toEqual(tiny);
  });

  it("refuses a head of which a part is missing, even one that may start fresh", async () => {
    const folder = await folderOf(only((name) => name !== "classifier.bias"));
    const options = { heads: allHeads, fresh: ["classifier"], random: seeded(1) };
    await expect(loadCheckpoint(folder, options)).rejects.toThrow("1 missing: classifier.bias");
  });

  it("reads names without the prefix, and old names of LayerNorm", async () => {
    const old = (name: string) =>
      name
        .replace(/^bert\./, "")
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta");
    const folder = await folderOf(only((name) => name.startsWith("bert."), old));
    const { parameters } = await loadCheckpoint(folder, { heads: poolerInits });
    expect(parameters).toEqual({ ...encoderOnly, ...only((name) => name.startsWith("bert.pooler.")) });
  });

  it("accepts copies of the tied decoder and buffers of positions", async () => {
    const mlm = only((name) => !name.startsWith("bert.pooler.") && !name.startsWith("classifier."));
    const { "cls.predictions.bias": bias, ...rest } = mlm;
    const folder = await folderOf({
      ...rest,
      "cls.predictions.decoder.weight": tiny["bert.embeddings.word_embeddings.weight"]!,
      "cls.predictions.decoder.bias": bias!, // newer transformers save this one alone
      "bert.embeddings.position_ids": { shape: [1, 24], data: new Float32Array(24) },
    });
    const { parameters } = await loadCheckpoint(folder, { heads: maskedLanguageModelInits });
    expect(parameters).toEqual(mlm);
  });

  it("refuses a decoder that is not tied", async () => {
    const table = tiny["bert.embeddings.word_embeddings.weight"]!;
    const folder = await folderOf({
      ...encoderOnly,
      "cls.predictions.decoder.weight": { ...table, data: table.data.map((x) => x + 1) },
    });
    await expect(loadCheckpoint(folder, { drop: ["cls"] })).rejects.toThrow(
      "cls.predictions.decoder.weight differs from bert.embeddings.word_embeddings.weight",
    );
  });

  it("says so when it has no weights file", async () => {
    const folder = temporaryFolder();
    copyFileSync(oracle("tiny-bert/config.json"), join(folder, "config.json"));
    await expect(loadCheckpoint(folder, { heads: rankingInits })).rejects.toMatchObject({
      code: "SAFETENSORS",
      at: join(folder, "model.safetensors"),
    });
    writeFileSync(join(folder, "pytorch_model.bin"), "");
    await expect(loadCheckpoint(folder)).rejects.toThrow(
      `${folder}: holds pytorch_model.bin and no model.safetensors (save it with`,
    );
  });
});
