import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Corpus } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import { namedConfig } from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pretraining, pretrain, pretrainRounds, type RoundsTraining } from "./index.ts";
import { testDocuments, testVocabulary } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-rounds-"));
const vocabulary = join(folder, "vocabulary");
const base = join(folder, "base");
const corpus: Corpus = {
  name: "texts",
  async *documents() {
    yield* testDocuments;
  },
};
const shared: Pretraining = {
  corpus,
  objective: "b-prop",
  options: { shortDocumentTokens: 0 },
  start: { init: base },
  out: base,
  ...{ steps: 4, batch: 4, maxTokens: 64, learningRate: 3e-3, checkpointEvery: 2, threads: 1, seed: 5 },
};
beforeAll(async () => {
  await mkdir(vocabulary);
  await Tokenizer.fromVocabulary(testVocabulary()).save(vocabulary);
  const config = (vocabSize: number) => ({
    ...namedConfig("tiny", { vocabSize }),
    ...{ hiddenSize: 32, heads: 2, intermediateSize: 64, initializerRange: 0.2 },
  });
  await pretrain({ ...shared, objective: "mlm", options: {}, start: { config, vocabulary } });
});
afterAll(() => rmSync(folder, { recursive: true }));

const rounds = (name: string, given: Partial<RoundsTraining> = {}) =>
  pretrainRounds({ ...shared, out: join(folder, name), rounds: 2, ...given });
const attention = join(folder, "attention");
const twoOptions = { shortDocumentTokens: 0, attention };
const weightsOf = (...names: string[]) => readFileSync(join(folder, ...names, "model.safetensors"));

describe("pretrainRounds", () => {
  it("starts each round from the model of the one before, with words sampled by it", async () => {
    const results = await rounds("two", { options: twoOptions });
    expect(readdirSync(attention).length).toBe(2); // another model attends otherwise
    expect(results.map(({ trained }) => trained?.steps)).toEqual([4, 4]);

    const second = {
      ...shared,
      options: twoOptions,
      start: { init: results[0]!.folder },
      out: join(folder, "by-hand"),
    };
    await pretrain(second);
    expect(weightsOf("by-hand").equals(weightsOf("two", "round-2"))).toBe(true);
    expect(readdirSync(attention).length).toBe(2); // and is used by another run
    expect(existsSync(join(folder, "two", "round-2", "work"))).toBe(false);
  });

  it("goes on where it was stopped, to the same bits, and with more rounds than before", async () => {
    const given = { objective: "mlm", options: {}, steps: 2, checkpointEvery: 1 };
    const controller = new AbortController();
    const seen: string[] = [];
    const onRound: RoundsTraining["onRound"] = ({ round, finished }) => seen.push(`${round} ${finished}`);
    let steps = 0;
    const onProgress = () => {
      if (++steps === 3) controller.abort(); // within the second round
    };
    const stopped = rounds("stopped", { ...given, signal: controller.signal, onProgress, onRound });
    await expect(stopped).rejects.toMatchObject({ code: "INTERRUPTED" });
    const more = await rounds("stopped", { ...given, rounds: 3, onRound });
    expect(more.map(({ trained }) => trained !== undefined)).toEqual([false, true, true]);
    expect(seen).toEqual(["1 false", "2 false", "1 true", "2 false", "3 false"]);

    await pretrain({ ...shared, ...given, start: { init: more[0]!.folder }, out: join(folder, "unbroken") });
    expect(weightsOf("stopped", "round-2").equals(weightsOf("unbroken"))).toBe(true);
  });

  it("refuses to go on with other settings or from another model, naming what differs", async () => {
    await expect(rounds("two", { options: {} })).rejects.toThrow(/round-1: was begun otherwise: options differs/);
    const learningRate = { options: twoOptions, learningRate: 1 };
    await expect(rounds("two", learningRate)).rejects.toThrow(/learningRate differs/);
    const start = { init: join(folder, "two", "round-1") };
    await expect(rounds("two", { options: twoOptions, start })).rejects.toThrow(/start differs/);
  });

  it("refuses the folder of a training, no rounds, and what `resume` does not allow", async () => {
    await expect(rounds("base")).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await expect(rounds("none", { rounds: 0 })).rejects.toMatchObject({ code: "OPTION_VALUE" });
    await expect(rounds("none", { resume: "must" })).rejects.toMatchObject({ code: "NOTHING_TO_RESUME" });
    await expect(rounds("two", { resume: "never" })).rejects.toMatchObject({ code: "TRAINING_EXISTS" });
  });
});
