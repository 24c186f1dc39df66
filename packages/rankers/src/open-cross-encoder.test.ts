import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import { openBackend } from "@propria/engine";
import {
  contractHash,
  encoderInits,
  initialize,
  loadCheckpoint,
  poolerInits,
  writeSafetensors,
} from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crossEncoderInits } from "./cross-encoder.ts";
import { openCrossEncoder, pairContract } from "./open-cross-encoder.ts";
import { documentReading } from "./passages.ts";

const tiny = fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url));
const pair = { query: "how is a wing cooled?", document: "fuel flows behind the skin" };
const others = ["oil", "wind and sail ".repeat(30), "the river is cold."].map((document) => ({
  query: "what moves",
  document,
}));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A copy of the tiny cross-encoder, changed. */
async function copyOf(name: string, change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(scratch, name);
  await cp(tiny, folder, { recursive: true });
  await change(folder);
  return folder;
}

describe("openCrossEncoder", () => {
  it("scores a pair alike alone, in a batch, and under more padding", async () => {
    const backend = await openBackend("cpu");
    const model = await openCrossEncoder(tiny, { backend, queryTokens: 16 });
    const [alone] = await model.score([pair]);
    const together = await model.score([...others, pair]);
    const row = model.row(model.queryPieces(pair.query), pair.document);
    const [padded] = await model.scoreBatch({ rows: [row], width: 24, count: 1 });
    expect(together.at(-1)).toBeCloseTo(alone!, 5);
    expect(padded).toBeCloseTo(alone!, 5);
    await model.release();
  });

  it("gives the scores in the order of the pairs, and none for none", async () => {
    const model = await openCrossEncoder(tiny, { backend: "cpu", queryTokens: 16, batchTokens: 32 });
    const scores = await model.score([...others, pair]);
    const reversed = await model.score([pair, ...others.toReversed()]);
    for (const [i, score] of reversed.toReversed().entries()) expect(score).toBeCloseTo(scores[i]!, 5);
    expect(await model.score([])).toEqual([]);
    await model.release();
  });

  it("takes how pairs are made from propria.json, and lets it be changed", async () => {
    const contract = pairContract({ queryTokens: 3, maxTokens: 12 });
    const folder = await copyOf("contract", (folder) =>
      writeFile(
        join(folder, "propria.json"),
        JSON.stringify({ format: 1, contract, contractHash: contractHash(contract), provenance: {} }),
      ),
    );
    const model = await openCrossEncoder(folder, { backend: "cpu" });
    expect(model.contract).toEqual(contract);
    expect(model.row(model.queryPieces(pair.query), pair.document).ids).toHaveLength(12);
    const wider = await openCrossEncoder(folder, { backend: "cpu", queryTokens: 5, maxTokens: 100 });
    expect(wider.contract).toMatchObject({ maxQueryTokens: 5, maxTokens: 24 }); // the encoder has 24 positions
  });

  it("reads long documents as a training on passages left word in propria.json", async () => {
    const passages = { words: 9, stride: 3, most: 4, score: "sum", train: "any" };
    const card = { format: 1, provenance: { objective: "cross-encoder", options: { passages } } };
    const folder = await copyOf("passages", (folder) => writeFile(join(folder, "propria.json"), JSON.stringify(card)));
    const { passages: read } = await openCrossEncoder(folder, { backend: "cpu", queryTokens: 8 });
    expect(documentReading(read)).toEqual({ words: 9, stride: 3, most: 4, score: "sum" });
    const plain = await openCrossEncoder(tiny, { backend: "cpu", queryTokens: 8 });
    expect(documentReading(plain.passages)).toEqual({ score: "first" });
  });

  it("scores with the ranking head of a pre-trained encoder that has a masked-language-model head beside it", async () => {
    const folder = await copyOf("prop", async (folder) => {
      const { parameters } = await loadCheckpoint(folder, { heads: crossEncoderInits });
      const bias = { shape: [53], data: new Float32Array(53) };
      await writeSafetensors(join(folder, "model.safetensors"), { ...parameters, "cls.predictions.bias": bias });
    });
    const [model, plain] = await Promise.all(
      [folder, tiny].map((each) => openCrossEncoder(each, { backend: "cpu", queryTokens: 16 })),
    );
    expect(await model!.score([pair])).toEqual(await plain!.score([pair]));
  });

  it("refuses a folder without a ranking head, and a model of single texts", async () => {
    const headless = await copyOf("headless", async (folder) => {
      const { config } = await loadCheckpoint(folder, { heads: crossEncoderInits });
      const parameters = initialize(config, poolerInits(config), seeded(1, "init"));
      expect(Object.keys(parameters)).toEqual([
        ...Object.keys(encoderInits(config)),
        ...Object.keys(poolerInits(config)),
      ]);
      await writeSafetensors(join(folder, "model.safetensors"), parameters);
    });
    await expect(openCrossEncoder(headless, { backend: "cpu" })).rejects.toThrow(
      /2 missing: classifier\.weight, classifier\.bias/,
    );

    const single = await copyOf("single", (folder) => {
      const contract = { ...pairContract({ queryTokens: 8, maxTokens: 24 }), texts: "single" as const };
      return writeFile(
        join(folder, "propria.json"),
        JSON.stringify({ format: 1, contract, contractHash: contractHash(contract), provenance: {} }),
      );
    });
    await expect(openCrossEncoder(single, { backend: "cpu" })).rejects.toThrow(
      `${single}: this model reads one text at a time (fine-tune it as a cross-encoder first)`,
    );
  });

  it("says which pair has no score when the weights are damaged", async () => {
    const folder = await copyOf("damaged", async (folder) => {
      const { parameters } = await loadCheckpoint(folder, { heads: crossEncoderInits });
      parameters["classifier.bias"]!.data[0] = Number.NaN;
      await writeSafetensors(join(folder, "model.safetensors"), parameters);
    });
    const model = await openCrossEncoder(folder, { backend: "cpu", queryTokens: 16 });
    await expect(model.score([pair])).rejects.toMatchObject({ code: "SCORE_NOT_FINITE" });
  });
});
