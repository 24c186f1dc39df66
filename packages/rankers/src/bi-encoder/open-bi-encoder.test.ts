import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import { type Backend, openBackend } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { loadCheckpoint, writeModelFiles, writeSafetensors } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pairContract } from "../open-cross-encoder.ts";
import { type BiEncoder, openBiEncoder } from "./open-bi-encoder.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/bi-encoder/tiny", import.meta.url));
const crossEncoder = fileURLToPath(new URL("../../test/oracle/tiny-cross-encoder", import.meta.url));

const random = seeded(5, "texts");
const words = ["water", "oil", "pump", "wing", "the", "river", "bridge", "cooling"];
const texts = Array.from({ length: 70 }, () =>
  Array.from({ length: random.int(25) }, () => words[random.int(words.length)]!).join(" "),
);

let scratch: string;
let backend: Backend;
let model: BiEncoder;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
  backend = await openBackend("onnx", { threads: 1 });
  model = await openBiEncoder(tiny, { backend, batchTokens: 64 });
});
afterAll(async () => {
  await model.release();
  await rm(scratch, { recursive: true, force: true });
});

/** The tiny bi-encoder as its encoder alone. */
async function bareEncoder(name: string): Promise<string> {
  const folder = join(scratch, name);
  await cp(tiny, folder, { recursive: true });
  for (const file of await readdir(folder))
    if (/^(modules|sentence|config_sentence|\d_)/.test(file)) await rm(join(folder, file), { recursive: true });
  return folder;
}

const vectorOf = (vectors: Float32Array, i: number) => vectors.subarray(i * 16, (i + 1) * 16);
const apart = (a: Float32Array, b: Float32Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

describe("openBiEncoder", () => {
  it("gives a text the same vector alone, in any company, in any order, and in batches of any size", async () => {
    const together = await model.encodeDocuments(texts);
    const backwards = await model.encodeDocuments(texts.toReversed());
    const large = await openBiEncoder(tiny, { backend });
    const inOne = await large.encodeDocuments(texts);
    await large.release();
    expect(apart(inOne, together)).toBeLessThan(1e-5);
    for (const i of [0, 13, 69]) {
      const alone = await model.encodeDocuments([texts[i]!]);
      expect(apart(alone, vectorOf(together, i))).toBeLessThan(1e-5);
      expect(apart(vectorOf(backwards, 69 - i), vectorOf(together, i))).toBeLessThan(1e-5);
    }
  });

  it("gives the same bits for the same call, and nothing for nothing", async () => {
    expect(await model.encodeQueries(texts)).toEqual(await model.encodeQueries(texts));
    expect(await model.encodeQueries([])).toHaveLength(0);
  });

  it("encodes a stream a window at a time, in its order", async () => {
    const stream = texts.map((text, i) => ({ id: `d${i}`, text }));
    const ids: string[] = [];
    const sizes: number[] = [];
    const expected = await model.encodeDocuments(texts);
    for await (const part of model.encodeStream(stream, { side: "document", window: 30 })) {
      expect(apart(part.vectors, expected.subarray(ids.length * 16, (ids.length + part.ids.length) * 16))).toBeLessThan(
        1e-5,
      );
      ids.push(...part.ids);
      sizes.push(part.ids.length);
    }
    expect(ids).toEqual(stream.map(({ id }) => id));
    expect(sizes).toEqual([30, 30, 10]);
  });

  it("assumes CLS and dot product of a bare encoder, and says so; options override", async () => {
    const folder = await bareEncoder("bare");
    const bare = await openBiEncoder(folder, { backend });
    expect(bare.contract).toMatchObject({ pooling: "cls", similarity: "dot", normalize: false, maxTokens: 24 });
    expect(bare.assumed).toEqual(["pooling", "similarity"]);
    const told = await openBiEncoder(folder, { backend, pooling: "mean", similarity: "cosine", maxTokens: 8 });
    expect(told.contract).toMatchObject({ pooling: "mean", similarity: "cosine", normalize: true, maxTokens: 8 });
    expect(told.assumed).toEqual([]);
    for (const length of Array.from({ length: 3 }, (_, i) => i))
      expect(Math.hypot(...vectorOf(await told.encodeQueries(texts), length))).toBeCloseTo(1, 5);
    expect(told.space).not.toEqual(bare.space);
    expect(told.space).toMatchObject({ pooling: "mean", weights: bare.space.weights, tokenizer: bare.space.tokenizer });
    await expect(openBiEncoder(folder, { backend, maxTokens: 25 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

  it("puts a prefix before each query, another before each document", async () => {
    const folder = await bareEncoder("prefixes");
    const prefixed = await openBiEncoder(folder, { backend, queryPrefix: "query: ", documentPrefix: "passage: " });
    const plain = await openBiEncoder(folder, { backend });
    const [query, document] = [await prefixed.encodeQueries(["oil"]), await prefixed.encodeDocuments(["oil"])];
    expect(apart(query, await plain.encodeDocuments(["query: oil"]))).toBe(0);
    expect(apart(document, await plain.encodeDocuments(["passage: oil"]))).toBe(0);
  });

  it("refuses a model that reads pairs, unless it is told how its vectors are meant", async () => {
    const folder = join(scratch, "pairs");
    await cp(crossEncoder, folder, { recursive: true });
    const loaded = await loadCheckpoint(folder, { drop: ["classifier", "bert.pooler"] });
    await writeModelFiles(folder, {
      ...{ config: loaded.config, parameters: loaded.parameters, tokenizer: await Tokenizer.load(folder) },
      ...{ contract: pairContract({ queryTokens: 8, maxTokens: 24 }), provenance: {} },
    });
    await expect(openBiEncoder(folder)).rejects.toMatchObject({ code: "NOT_A_BI_ENCODER", at: folder });
    const told = await openBiEncoder(folder, { backend, pooling: "cls", similarity: "dot" });
    expect(told.contract).toMatchObject({ texts: "single", pooling: "cls", maxTokens: 24 });
  });

  it("names the text whose vector is not finite", async () => {
    const folder = join(scratch, "broken");
    await cp(tiny, folder, { recursive: true });
    const { parameters } = await loadCheckpoint(folder, { drop: ["bert.pooler"] });
    parameters["bert.encoder.layer.1.output.LayerNorm.bias"]!.data[3] = Number.NaN;
    await writeSafetensors(join(folder, "model.safetensors"), parameters);
    const broken = await openBiEncoder(folder, { backend });
    await expect(broken.encodeQueries(["oil", "a river"])).rejects.toMatchObject({ code: "VECTOR_NOT_FINITE" });
  });
});
