import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { namedAdapter } from "@propria/adapters";
import type { Corpus } from "@propria/collection";
import { Tokenizer } from "@propria/tokenizer";
import {
  type EncoderConfig,
  loadCheckpoint,
  namedConfig,
  readContract,
  readHeads,
  readModelCard,
  readSafetensors,
  writeSafetensors,
} from "@propria/transformer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pretraining, pretrain } from "./index.ts";
import { testDocuments, testVocabulary } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "propria-pretrain-"));
const vocabulary = join(folder, "vocabulary");
beforeAll(async () => {
  await mkdir(vocabulary);
  await Tokenizer.fromVocabulary(testVocabulary()).save(vocabulary);
});
afterAll(() => rmSync(folder, { recursive: true }));

const corpus: Corpus = {
  name: "texts",
  async *documents() {
    yield* testDocuments;
  },
};
const small = (vocabSize: number): EncoderConfig => ({
  ...namedConfig("tiny", { vocabSize }),
  hiddenSize: 32,
  heads: 2,
  intermediateSize: 64,
});
const short = ["minCollectionFrequency=1", "shortDocumentTokens=0"];

const run = (name: string, given: Partial<Pretraining> = {}) =>
  pretrain({
    corpus,
    objective: "prop",
    options: given.objective === undefined ? short : [],
    start: { config: small, vocabulary },
    out: join(folder, name),
    steps: 6,
    batch: 4,
    maxTokens: 64,
    learningRate: 1e-3,
    checkpointEvery: 2,
    threads: 1,
    seed: 5,
    ...given,
  });
/** The TypeScript of docs/write-an-objective.md: the objective, its test, its stages. */
function blocksOfPage(): string[] {
  const page = readFileSync(fileURLToPath(new URL("../../../docs/write-an-objective.md", import.meta.url)), "utf8");
  return [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
}
const weightsOf = (name: string) => readFileSync(join(folder, name, "model.safetensors"));

describe("pretrain", () => {
  it("leaves a model with the heads that other programs know, and where it comes from", async () => {
    const prepared: number[] = [];
    const steps: number[] = [];
    const result = await run("prop", {
      onPrepare: (documents) => prepared.push(documents),
      onProgress: ({ step, parts }) => {
        steps.push(step);
        expect(Object.keys(parts).sort()).toEqual(["mlm", "rop"]);
      },
    });
    expect(result).toMatchObject({ steps: 6, folder: join(folder, "prop") });
    expect([prepared.at(-1), steps]).toEqual([8, [1, 2, 3, 4, 5, 6]]);

    const heads = ["cls", "classifier", "bert.pooler"];
    const { config, dropped } = await loadCheckpoint(result.folder, { drop: heads });
    expect(config).toMatchObject({ hiddenSize: 32, layers: 2 });
    expect(dropped.filter((name) => name.startsWith("classifier."))).toEqual(["classifier.weight", "classifier.bias"]);
    expect(await readModelCard(result.folder)).toMatchObject({
      contract: { texts: "pair", similarity: "head", pooling: "pooler", maxTokens: 64 },
      provenance: {
        objective: "prop",
        seed: 5,
        steps: 6,
        corpus: "texts",
        options: { poissonMean: 3, dropTies: true },
      },
    });
    expect((await Tokenizer.load(result.folder)).vocabulary).toEqual(testVocabulary());
    expect(existsSync(join(result.folder, "documents"))).toBe(false);
  });

  it("gives the same weights when it was interrupted and called again", async () => {
    await run("unbroken");
    const stop = new AbortController();
    const broken = run("broken", { signal: stop.signal, onProgress: ({ step }) => step === 3 && stop.abort() });
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    const { resumedFrom } = await run("broken", { resume: "must" });
    expect(resumedFrom).toBeGreaterThanOrEqual(3);
    expect(weightsOf("broken").equals(weightsOf("unbroken"))).toBe(true);
  });

  it("goes on from a saved model, with other heads fresh", async () => {
    await run("first", { objective: "mlm", steps: 2 });
    let freshHeads: string[] | undefined;
    const { folder: out } = await run("second", {
      start: { init: join(folder, "first") },
      onStart: (started) => (freshHeads = started.freshHeads),
      steps: 1,
      learningRate: 1e-9,
    });
    const [before, after] = await Promise.all([
      loadCheckpoint(join(folder, "first"), { drop: ["cls"] }),
      loadCheckpoint(out, { drop: ["cls", "classifier", "bert.pooler"] }),
    ]);
    expect(freshHeads).toEqual(["bert.pooler", "classifier"]);
    const name = "bert.encoder.layer.0.output.dense.weight";
    after.parameters[name]!.data.forEach((value, i) => {
      expect(Math.abs(value - before.parameters[name]!.data[i]!)).toBeLessThan(1e-6);
    });
  });

  it("trains an adapter and heads, and leaves the model as it is; stopped and called again, it ends in the same file", async () => {
    const init = join(folder, "unbroken");
    const adapter = { ...namedAdapter("lora"), options: { rank: 2 } };
    const adapted = (name: string, more: Partial<Pretraining> = {}) =>
      run(name, { start: { init }, adapter, steps: 4, ...more });
    const { folder: out } = await adapted("adapted");
    const { tensors, metadata } = await readSafetensors(join(out, "adapter_model.safetensors"));
    const heads = Object.keys(tensors).filter((name) => !name.includes("lora_"));
    expect([...new Set(heads.map((name) => name.split(".")[2]))]).toEqual(["cls", "classifier"]); // the pooler is the model's
    expect(Object.keys(metadata)).toContain("propria.base.pooler");
    expect(existsSync(join(out, "model.safetensors"))).toBe(false);
    expect(await readModelCard(out)).toMatchObject({
      contract: { texts: "pair", similarity: "head" },
      provenance: { objective: "prop", adapter: { name: "lora", options: { rank: 2 } } },
    });
    const checkpoint = await readSafetensors(join(out, "checkpoints/step-00000004/weights.safetensors"));
    expect(Object.keys(checkpoint.tensors).every((name) => /^(adapter|cls|classifier)\./.test(name))).toBe(true);

    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => step === 3 && stop.abort();
    const broken = adapted("adapted-broken", { signal: stop.signal, onProgress });
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    await adapted("adapted-broken", { resume: "must" });
    const file = (name: string) => readFileSync(join(folder, name, "adapter_model.safetensors"));
    expect(file("adapted-broken").equals(file("adapted"))).toBe(true);
  });

  it("keeps an objective's own heads beside the adapter, and wants a saved model under it", async () => {
    const adapter = namedAdapter("iaa-l");
    const given = { objective: "costa", adapter, chunk: 2, steps: 2 };
    const { folder: out } = await run("adapted-spans", { ...given, start: { init: join(folder, "unbroken") } });
    expect(Object.keys(await readHeads(out))).toEqual(["costa.projector.weight", "costa.projector.bias"]);
    expect((await readModelCard(out))!.contract).toMatchObject({ texts: "single", similarity: "dot" });
    await expect(run("adapted-fresh", given)).rejects.toMatchObject({ code: "ADAPTER_INIT" });
    await expect(run("adapted-twice", { ...given, start: { init: out } })).rejects.toMatchObject({
      code: "ADAPTER_INIT",
    });
  });

  it("trains an objective from a file outside, in the data worker too", async () => {
    const objective = join(folder, "mine.ts");
    writeFileSync(objective, blocksOfPage()[0]!);
    const { folder: out } = await run("mine", { objective, options: ["cropTokens=8"] });
    expect((await readModelCard(out))?.provenance).toMatchObject({
      objective: "independent-cropping",
      options: { cropTokens: 8 },
    });
    expect((await readModelCard(out))?.contract).toMatchObject({ pooling: "cls", similarity: "cosine", maxTokens: 64 });
  });

  it("trains the same objective in stages, in chunks or whole, and saves how its embeddings are compared", async () => {
    const [whole, , stages] = blocksOfPage();
    const objective = join(folder, "mine-in-stages.ts");
    writeFileSync(
      objective,
      whole!.replace(/ {2}loss\([\s\S]*?\n {2}},\n/, () => stages!),
    );
    const given = { objective, options: ["cropTokens=8"] };
    const results = [await run("mine-whole", given), await run("mine-chunked", { ...given, chunk: 2 })];
    for (const { folder: out } of results)
      expect(await readContract(out)).toMatchObject({ texts: "single", pooling: "cls", similarity: "cosine" });
  });

  it("saves what an objective of embeddings taught: a plain encoder with its contract, and the objective's heads beside", async () => {
    const { folder: out } = await run("spans", { objective: "costa", steps: 2 });
    const { parameters } = await loadCheckpoint(out, { drop: ["cls"] }); // strict: nothing else is there
    expect(Object.keys(parameters).every((name) => name.startsWith("bert."))).toBe(true);
    expect(await readContract(out)).toEqual({
      texts: "single",
      maxTokens: 64,
      queryPrefix: "",
      documentPrefix: "",
      pooling: "cls",
      normalize: false,
      similarity: "dot",
    });
    expect(existsSync(join(out, "modules.json"))).toBe(true);
    expect(Object.keys(await readHeads(out))).toEqual(["costa.projector.weight", "costa.projector.bias"]);
  });

  it("goes on with the objective's heads, and says what is wrong with them", async () => {
    const given = { objective: "costa", start: { init: join(folder, "spans") }, steps: 1 };
    let freshHeads: string[] | undefined;
    const onStart = (started: { freshHeads: string[] }) => (freshHeads = started.freshHeads);
    const { folder: out } = await run("more-spans", { ...given, learningRate: 1e-9, onStart });
    expect(freshHeads).toEqual([]);
    const [before, after] = [await readHeads(join(folder, "spans")), await readHeads(out)];
    for (const [name, { data }] of Object.entries(after))
      data.forEach((value, i) => {
        expect(Math.abs(value - before[name]!.data[i]!)).toBeLessThan(1e-6);
      });

    await run("deeper-spans", { ...given, options: ["projector=mlp"], onStart });
    expect(freshHeads).toEqual(["costa.projector.output.weight", "costa.projector.output.bias"]);
    const narrow = { "costa.projector.weight": { shape: [2, 2], data: new Float32Array(4) } };
    await writeSafetensors(join(folder, "deeper-spans/heads.safetensors"), narrow);
    await expect(run("other-spans", { ...given, start: { init: join(folder, "deeper-spans") } })).rejects.toThrow(
      /heads\.safetensors: costa\.projector\.weight is \[2,2\] instead of \[32,32\]/,
    );
  });

  it("trains in chunks what is given in stages, and nothing else", async () => {
    const config = (vocabSize: number) => ({ ...small(vocabSize), dropout: 0, attentionDropout: 0 });
    const given = { objective: "ict", start: { config, vocabulary }, steps: 3 };
    const [whole, chunked] = [await run("whole", given), await run("chunked", { ...given, chunk: 1 })];
    expect(Math.abs(chunked.meanLoss - whole.meanLoss)).toBeLessThan(1e-4);
    expect((await readModelCard(chunked.folder))?.provenance).toMatchObject({ batch: 4, chunk: 1 });
    await expect(run("not-staged", { chunk: 2 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

  it("drops in one training what the model does not; simcse is refused where nothing is", async () => {
    const config = (vocabSize: number) => ({ ...small(vocabSize), dropout: 0, attentionDropout: 0 });
    const start = { config, vocabulary };
    const simcse = { objective: "simcse", start };
    await expect(run("simcse-still", simcse)).rejects.toMatchObject({ code: "NO_DROPOUT", at: "dropout" });
    expect(existsSync(join(folder, "simcse-still"))).toBe(false);
    await expect(run("simcse-none", { ...simcse, dropout: 1 })).rejects.toMatchObject({ code: "DROPOUT" });

    await run("simcse", { ...simcse, dropout: 0.1, steps: 2 });
    expect(JSON.parse(readFileSync(join(folder, "simcse", "config.json"), "utf8")).hidden_dropout_prob).toBe(0);
    expect((await readModelCard(join(folder, "simcse")))?.provenance).toMatchObject({ dropout: 0.1 });

    await Promise.all([
      run("mlm", { objective: "mlm", start }),
      run("mlm-dropped", { objective: "mlm", start, dropout: 0.1 }),
    ]);
    expect(weightsOf("mlm")).not.toEqual(weightsOf("mlm-dropped"));
  });

  it("refuses a folder that holds a model, or anything else", async () => {
    await expect(run("prop")).rejects.toMatchObject({ code: "OUTPUT_EXISTS", at: join(folder, "prop") });
    await mkdir(join(folder, "full"));
    writeFileSync(join(folder, "full/notes.txt"), "mine");
    await expect(run("full")).rejects.toThrow(
      "full: is not empty: it holds notes.txt (name another folder, or remove this one)",
    );
  });

  it("refuses to go on with another corpus or another text of the objective", async () => {
    const stop = new AbortController();
    const objective = join(folder, "edited.ts");
    writeFileSync(objective, readFileSync(join(folder, "mine.ts")));
    const given = { objective, options: ["cropTokens=8"] };
    const broken = run("changed", { ...given, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    const other: Corpus = {
      name: "others",
      async *documents() {
        yield* testDocuments.slice(1);
      },
    };
    await expect(run("changed", { ...given, corpus: other })).rejects.toThrow(/corpusHash was "/);
    writeFileSync(objective, `${readFileSync(objective, "utf8")}// edited`);
    await expect(run("changed", given)).rejects.toThrow(/file was "/);
  });

  it("refuses to go on with another vocabulary, of the same size in another order too", async () => {
    const stop = new AbortController();
    const broken = run("reordered", { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(broken).rejects.toMatchObject({ code: "INTERRUPTED" });
    const special = 5;
    const [first, rest] = [testVocabulary().slice(0, special), testVocabulary().slice(special)];
    const reordered = join(folder, "vocabulary-reordered");
    await mkdir(reordered);
    await Tokenizer.fromVocabulary([...first, ...rest.toReversed()]).save(reordered);
    const other = run("reordered", { start: { config: small, vocabulary: reordered } });
    await expect(other).rejects.toMatchObject({ code: "OTHER_OPTIONS" });
    await expect(run("reordered", { start: { config: small, vocabulary: reordered } })).rejects.toThrow(
      /identity\.tokenizer was "/,
    );
    expect(await run("reordered", { resume: "must" })).toMatchObject({ steps: 6 });
  });

  it("refuses rows longer than the encoder has positions for", async () => {
    await expect(run("long", { maxTokens: 4096 })).rejects.toThrow(
      "maxTokens: 4096 tokens a row, but the encoder takes 3 to 512 (give at most 512)",
    );
  });

  it("leaves nothing behind where an option is wrong", async () => {
    await expect(run("wrong", { options: ["lambda=3"] })).rejects.toMatchObject({ code: "OPTION_NAME" });
    expect(existsSync(join(folder, "wrong"))).toBe(false);
  });
});
