/** `@propria/objectives/testing`: the contract that every objective keeps, as a suite for vitest. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "@propria/base";
import type { Document } from "@propria/collection";
import {
  type BackendName,
  type Batch,
  cachedStep,
  type NdArray,
  openBackend,
  ParameterStore,
  trainingStep,
} from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { type CollateContext, type ExampleSource, lengthBuckets, planBatches } from "@propria/trainer";
import { type EncoderConfig, initialize } from "@propria/transformer-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Objective, PrepareContext } from "./define-objective.ts";
import { objectiveLoss, objectiveStages } from "./objective-loss.ts";
import { objectiveSource } from "./objective-source.ts";
import { objectiveOptions } from "./options.ts";
import { longDocument, testDocuments, testVocabulary } from "./testing-documents.ts";

export { testDocuments, testVocabulary } from "./testing-documents.ts";

export interface ContractOptions {
  /** The objective's options, where its defaults ask for longer or more texts than the suite's. */
  options?: Record<string, unknown>;
  /** Texts to make examples from, instead of eight of some 60 words; two at least. */
  documents?: readonly Document[];
  /** Examples per batch; default 4. */
  batch?: number;
  /** Longest row, tokens; default 64. */
  maxTokens?: number;
  /** Backends on which the loss is taken; both unless said otherwise, and then say why. */
  backends?: readonly BackendName[];
}

/** Steps and rate at which one batch must be learnt by a 2-layer encoder without dropout. */
const LEARNING = { steps: 12, rate: 3e-3 };
const SEED = 7;

/** Of the chunked step's loss and gradients, relative to what is larger than 1: float32 adds up in another order. */
const CHUNK_TOLERANCE = 1e-5;

/**
 * Declares the tests of an objective; call it inside `describe`.
 *
 * @example
 * describe("independent-cropping", () => {
 *   testObjective(independentCropping, { options: { cropTokens: 8 } });
 * });
 */
export function testObjective(
  objective: Objective,
  {
    options: values = {},
    documents = testDocuments,
    batch: batchSize = 4,
    maxTokens = 64,
    backends = ["cpu", "onnx"],
  }: ContractOptions = {},
): void {
  const tokenizer = Tokenizer.fromVocabulary(testVocabulary(documents));
  const options = objectiveOptions(objective, values);
  const config = tinyConfig(tokenizer.size, maxTokens);
  const corpus = [...documents, ...emptyDocuments, ...hardDocuments(documents)];
  let prepared: unknown;

  beforeAll(async () => {
    const context = await testPreparation({ options, tokenizer, maxTokens });
    prepared = structuredClone(await objective.prepare?.(each(corpus), context));
  });

  afterAll(() => {
    for (const folder of temporaries.splice(0)) rmSync(folder, { recursive: true });
  });

  const context = (seed: number, document: Document) => {
    const random = seeded(seed, "examples", document.id);
    const number = corpus.findIndex(({ id }) => id === document.id);
    return { number, random, tokenizer, options, prepared, maxTokens };
  };
  const examplesOf = (document: Document, seed = SEED): unknown[] => [
    ...objective.examples(document, context(seed, document)),
  ];
  const draw = (seed: number) => documents.map((document) => examplesOf(document, seed));
  const plan = {
    seed: SEED,
    buckets: lengthBuckets(maxTokens, batchSize),
    epochs: 2,
    remainder: "drop" as const,
    mixBatches: 1,
  };
  const source = (): ExampleSource<unknown, Batch> => {
    const store = { size: documents.length, at: (i: number) => documents[i]! };
    return objectiveSource(objective, { documents: store, tokenizer, options, prepared, maxTokens });
  };
  const batches = (): Batch[] => [...planBatches(source(), plan)].flatMap(({ batches }) => batches);
  /** The first batch, and the same examples in chunks of all but one and one. */
  const chunked = (): { whole: Batch; chunks: Batch[] } => {
    const seen: { examples: readonly unknown[]; context: CollateContext }[] = [];
    const from = source();
    const collate = (examples: readonly unknown[], context: CollateContext) => {
      seen.push({ examples, context });
      return from.collate(examples, context);
    };
    const whole = [...planBatches({ ...from, collate }, plan)][0]!.batches[0]!;
    const { examples, context } = seen[0]!;
    return { whole, chunks: [examples.slice(0, -1), examples.slice(-1)].map((part) => from.collate(part, context)) };
  };
  const heads = objective.heads?.(config, options) ?? {};
  const freshStore = () => ParameterStore.create(initialize(config, heads, seeded(SEED, "initialize")));
  const step = async (backend: BackendName, { dropout }: { dropout: number }) => {
    const store = freshStore();
    const shape = { ...config, dropout, attentionDropout: dropout };
    const loss = objectiveLoss(objective, options, shape);
    return {
      store,
      step: trainingStep({ backend: await openBackend(backend, { threads: 1 }), store, seed: SEED, loss }),
    };
  };

  it("has options that are its defaults when none is given, each described", () => {
    expect(objective.options.safeParse({}).success).toBe(true);
    for (const [name, option] of Object.entries(objective.options.shape))
      expect((option as { description?: string }).description, `the description of ${name}`).toBeTruthy();
  });

  it("gives the same examples for the same seed, and others for another", () => {
    expect(draw(1).flat().length).toBeGreaterThan(0);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("gives a document's examples whatever was drawn before", () => {
    const alone = examplesOf(documents[1]!);
    draw(3);
    expect(examplesOf(documents[1]!)).toEqual(alone);
  });

  it("leaves the document as it was", () => {
    const document = Object.freeze({ ...documents[0]! });
    examplesOf(document);
    expect(document).toEqual(documents[0]);
  });

  it("yields nothing for an empty document", () => {
    for (const document of emptyDocuments) expect(examplesOf(document)).toEqual([]);
  });

  it("survives documents of one word, of none that is known, and very long ones, within maxTokens", () => {
    for (const document of hardDocuments(documents))
      for (const example of examplesOf(document)) expect(longestRow(example)).toBeLessThanOrEqual(maxTokens);
  });

  it("collates batches of static shapes: those of one width are alike", () => {
    const found = batches();
    expect(found.length).toBeGreaterThan(1);
    const widths = new Map<string, string>();
    for (const batch of found) {
      const shapes = shapesOf(batch);
      const key = [...shapes].filter(([name]) => name.endsWith("inputIds")).join(" ");
      const all = [...shapes].join(" ");
      expect(widths.get(key) ?? all).toBe(all);
      widths.set(key, all);
    }
  });

  it("collates token ids of the vocabulary", () => {
    for (const batch of batches())
      for (const [name, { data }] of arraysOf(batch))
        if (name.endsWith("inputIds"))
          for (const id of data) if (!(id >= 0 && id < tokenizer.size)) expect.fail(`${name} holds ${id}`);
  });

  it.each(backends)("has a finite loss whose gradient reaches every layer and head, on %s", async (backend) => {
    const { store, step: compiled } = await step(backend, { dropout: 0.1 });
    const { loss, gradients } = await compiled.gradients(batches()[0]!, { step: 1 });
    expect(Number.isFinite(loss)).toBe(true);
    for (const name of store.names.filter((each) => /layer\.\d+\.|word_embeddings/.test(each) || each in heads)) {
      if (name.endsWith(".bias")) continue; // a softmax, or a difference of scores, may not see it
      const norm = Math.hypot(...(gradients[name] ?? []));
      expect(norm, `the gradient of ${name}`).toBeGreaterThan(0);
      expect(norm, `the gradient of ${name}`).toBeLessThan(Number.POSITIVE_INFINITY);
    }
    await compiled.release();
  });

  it.skipIf(backends.length < 2)("has the same loss and gradients eagerly and traced", async () => {
    const batch = batches()[0]!;
    const [eager, traced] = await Promise.all(
      backends.map(async (backend) => (await step(backend, { dropout: 0.1 })).step.gradients(batch, { step: 1 })),
    );
    expect(Math.abs(traced!.loss - eager!.loss)).toBeLessThan(1e-4 * Math.max(1, Math.abs(eager!.loss)));
    expect(Math.abs(traced!.gradientNorm / eager!.gradientNorm - 1)).toBeLessThan(1e-3);
  });

  it.skipIf(!objective.represent).each(backends)(
    "has the same loss and gradients in chunks as in one, on %s",
    async (backend) => {
      const shape = { ...config, dropout: 0, attentionDropout: 0 };
      const { whole, chunks } = chunked();
      const { step: inOne } = await step(backend, { dropout: 0 });
      const cached = cachedStep({
        backend: await openBackend(backend, { threads: 1 }),
        store: freshStore(),
        seed: SEED,
        loss: objectiveStages(objective, options, shape)!,
      });
      const expected = await inOne.gradients(whole, { step: 1 });
      const found = await cached.gradients(chunks, { step: 1 });
      const tolerance = (scale: number) => CHUNK_TOLERANCE * Math.max(1, Math.abs(scale));
      expect(Math.abs(found.loss - expected.loss)).toBeLessThan(tolerance(expected.loss));
      for (const [part, value] of Object.entries(expected.parts))
        expect(Math.abs(found.parts[part]! - value), part).toBeLessThan(tolerance(value));
      expect(Object.keys(found.gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
      for (const [name, gradient] of Object.entries(expected.gradients)) {
        const difference = gradient.map((value, i) => value - found.gradients[name]![i]!);
        expect(Math.hypot(...difference), `the gradient of ${name}`).toBeLessThan(tolerance(Math.hypot(...gradient)));
      }
      await Promise.all([inOne.release(), cached.release()]);
    },
  );

  it.each(backends.slice(-1))("has a loss that falls when one batch is learnt, on %s", async (backend) => {
    const { step: compiled } = await step(backend, { dropout: 0 });
    const batch = batches()[0]!;
    const losses: number[] = [];
    for (let i = 1; i <= LEARNING.steps; i++)
      losses.push((await compiled.run(batch, { step: i, learningRate: LEARNING.rate })).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    await compiled.release();
  });
}

const emptyDocuments: readonly Document[] = [
  { id: "empty", title: "", text: "" },
  { id: "blank", title: " ", text: "\n \t" },
];

const hardDocuments = (documents: readonly Document[]): Document[] => [
  { id: "one", title: "", text: documents[0]!.text.split(" ")[0]! },
  { id: "unknown", title: "", text: "\u{1F98A} ∑ \u0007" },
  longDocument(documents),
];

/**
 * What an objective's `prepare` gets beside the corpus, in a test: a tiny encoder of random weights that pass for trained ones, and a folder that is gone after
 * the tests of {@link testObjective}.
 */
export async function testPreparation<Options>({
  options,
  tokenizer,
  maxTokens = 64,
}: {
  options: Options;
  tokenizer: Tokenizer;
  maxTokens?: number;
}): Promise<PrepareContext<Options>> {
  const config = tinyConfig(tokenizer.size, maxTokens);
  return {
    options,
    tokenizer,
    maxTokens,
    encoder: { config, parameters: initialize(config, {}, seeded(SEED, "initialize")), trained: true },
    backend: await openBackend("onnx", { threads: 1 }),
    corpusHash: "the corpus of this test",
    work: join(temporary(), "work"),
    note: () => undefined,
  };
}

const temporaries: string[] = [];

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "objective-"));
  temporaries.push(folder);
  return folder;
}

/** Two layers of width 16: enough for every gradient, and quick on any backend. */
const tinyConfig = (vocabSize: number, maxPositions: number): EncoderConfig => ({
  vocabSize,
  hiddenSize: 16,
  layers: 2,
  heads: 2,
  intermediateSize: 32,
  maxPositions,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  dropout: 0.1,
  attentionDropout: 0.1,
  initializerRange: 0.2, // larger than BERT's, so that so small a network has gradients to speak of
  padId: 0,
});

async function* each(documents: readonly Document[]): AsyncGenerator<Document> {
  yield* documents;
}

function* arraysOf(batch: Batch, path = ""): Generator<[name: string, array: NdArray]> {
  for (const [name, branch] of Object.entries(batch)) {
    if (isArray(branch)) yield [path + name, branch];
    else yield* arraysOf(branch, `${path}${name}.`);
  }
}

const isArray = (branch: NdArray | Batch): branch is NdArray => ArrayBuffer.isView(branch.data);

const shapesOf = (batch: Batch): Map<string, string> =>
  new Map([...arraysOf(batch)].map(([name, { shape }]) => [name, `[${shape.join()}]`]));

/** The longest array of numbers anywhere in an example. */
function longestRow(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return (value as Int32Array).length;
  if (Array.isArray(value) && typeof value[0] === "number") return value.length;
  return Math.max(0, ...Object.values(value).map(longestRow));
}
