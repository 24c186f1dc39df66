import { existsSync } from "node:fs";
import { join } from "node:path";
import { seeded } from "@propria/base";
import { type Document, documentText } from "@propria/collection";
import { openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { contrastiveSampler, openAttention } from "@propria/rop-sampler";
import { englishWords, Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, namedConfig } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import type { PrepareContext } from "../define-objective.ts";
import { objectiveLoss } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective, testPreparation, testVocabulary } from "../testing.ts";
import type { WordSetRow, WordSetRows } from "../toolkit/index.ts";
import bProp from "./index.ts";

const short = { shortDocumentTokens: 0 };
const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const options = objectiveOptions(bProp, short);

async function* each(documents: readonly Document[]) {
  yield* documents;
}

/** What `prepare` gives and says. */
async function prepare(given = options, more: Partial<PrepareContext<typeof options>> = {}) {
  const notes: string[] = [];
  const context = { ...(await testPreparation({ options: given, tokenizer })), ...more };
  const prepared = await bProp.prepare!(each(testDocuments), { ...context, note: (line) => notes.push(line) });
  return { prepared, notes, context };
}
type Prepared = Awaited<ReturnType<typeof prepare>>["prepared"];

const examplesOf = (
  number: number,
  prepared: Prepared,
  { given = options, maxTokens = 64, seed = 1 } = {},
): WordSetRows[] => [
  ...bProp.examples(testDocuments[number]!, {
    number,
    random: seeded(seed, number),
    tokenizer,
    options: given,
    prepared,
    maxTokens,
  }),
];

/** The words before the document, as pieces. */
const wordPiecesOf = ({ inputIds, tokenTypes }: WordSetRow): number[] => inputIds.slice(1, tokenTypes.indexOf(1) - 1);

describe("b-prop", () => {
  testObjective(bProp, { options: short });
});

describe("b-prop's preparation", () => {
  it("attends to every document, and averages what it found", async () => {
    const { prepared } = await prepare();
    const attention = openAttention(prepared.folder);
    expect(attention.size).toBe(testDocuments.length);
    for (const [number, document] of testDocuments.entries()) {
      const known = new Set(englishWords(documentText(document)));
      for (const word of attention.at(number).words) expect(known).toContain(word);
    }
    attention.close();
    const { words, probabilities, documents } = prepared.random;
    expect(documents).toBe(testDocuments.length);
    expect(words[0]).toBe("the"); // of every text, and often
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });

  it("says how flat the distribution is that words are drawn from", async () => {
    expect((await prepare()).notes).toEqual([
      expect.stringMatching(
        /^word sets are drawn at (100\.00|99\.\d\d) % of the highest entropy: .* 1\.\d+ times .* \(temperature 1\)$/,
      ),
    ]);
    const sharp = objectiveOptions(bProp, { ...short, temperature: 0.002 });
    expect((await prepare(sharp)).notes[0]).toMatch(/drawn at \d\d\.\d\d % .* \(temperature 0\.002\)$/);
  });

  it("keeps the attention where the options say, for another run to use", async () => {
    const { prepared, context } = await prepare();
    expect(prepared.folder.startsWith(context.work)).toBe(true);

    const folder = join(context.work, "..", "kept");
    const kept = objectiveOptions(bProp, { ...short, attention: folder, temperature: 0.1 });
    const first = await prepare(kept);
    expect(first.prepared.folder.startsWith(folder)).toBe(true);
    expect(existsSync(first.context.work)).toBe(false);
    const done: number[] = [];
    const again = await prepare(objectiveOptions(bProp, { ...kept, temperature: 1, saturationWeight: 0.05 }), {
      onProgress: (count) => done.push(count),
    });
    expect(again.prepared.folder).toBe(first.prepared.folder);
    expect(done).toEqual([]); // nothing was computed
  });

  it("refuses a fresh encoder, which attends to nothing in particular", async () => {
    const { encoder } = await testPreparation({ options, tokenizer });
    await expect(prepare(options, { encoder: { ...encoder, trained: false } })).rejects.toMatchObject({
      code: "ENCODER_UNTRAINED",
    });
  });

  it("refuses a layer that the encoder does not have", async () => {
    await expect(prepare(objectiveOptions(bProp, { ...short, layer: 7 }))).rejects.toMatchObject({
      code: "LAYER_UNKNOWN",
    });
  });
});

describe("b-prop's examples", () => {
  it("have the sampler's word sets of the document's attention, the likelier in `preferred`", async () => {
    const { prepared } = await prepare();
    const attention = openAttention(prepared.folder);
    const pairs = contrastiveSampler(prepared.random, options).pairs(attention.at(2), seeded(1, 2));
    attention.close();
    const [first] = examplesOf(2, prepared); // the sampler drew all pairs before the first mask was drawn
    expect(wordPiecesOf(first!.preferred)).toEqual(tokenizer.encode(pairs[0]!.preferred.words.join(" ")));
    expect(wordPiecesOf(first!.other)).toEqual(tokenizer.encode(pairs[0]!.other.words.join(" ")));
  });

  it("are rows of [CLS] words [SEP] document [SEP]", async () => {
    const { prepared } = await prepare();
    const body = tokenizer.encode(documentText(testDocuments[3]!));
    for (const { preferred } of examplesOf(3, prepared)) {
      const boundary = preferred.tokenTypes.indexOf(1);
      const ids = [...preferred.inputIds];
      preferred.positions.forEach((position, i) => {
        ids[position] = preferred.labels[i]!;
      });
      expect(ids.slice(boundary, -1)).toEqual(body.slice(0, 64 - boundary - 1));
    }
  });

  it("are none of a document with fewer distinct words than wanted", async () => {
    const { prepared } = await prepare();
    expect(examplesOf(0, prepared).length).toBeGreaterThan(0);
    expect(examplesOf(0, prepared, { given: objectiveOptions(bProp, { ...short, minWords: 1000 }) })).toEqual([]);
  });

  it("leave out short documents by the share that the options say, anew in each epoch", async () => {
    const { prepared } = await prepare();
    const given = objectiveOptions(bProp, { shortDocumentTokens: 1000 });
    const kept = Array.from({ length: 500 }, (_, seed) => examplesOf(1, prepared, { given, seed })).filter(
      (examples) => examples.length > 0,
    );
    expect(Math.abs(kept.length - 100)).toBeLessThan(45); // five deviations around 20 %
  });

  it("draw other words at a lower temperature: those that the contrast prefers", async () => {
    const { prepared } = await prepare();
    const sharp = objectiveOptions(bProp, { ...short, temperature: 0.002, pairsPerDocument: 200 });
    const attention = openAttention(prepared.folder);
    const { words, divergences } = contrastiveSampler(prepared.random, sharp).contrast(attention.at(0));
    attention.close();
    const best = words[divergences.indexOf(Math.max(...divergences))]!;
    const share = (given: typeof options) => {
      const sets = examplesOf(0, prepared, { given }).map(({ preferred }) => wordPiecesOf(preferred));
      const [piece] = tokenizer.encode(best);
      return sets.filter((set) => set.includes(piece!)).length / sets.length;
    };
    expect(share(sharp)).toBeGreaterThan(2 * share({ ...sharp, temperature: 1 }));
  });
});

describe("b-prop's loss", () => {
  it("learns which sets represent a document: 8 pairs to a ranking loss under .1", async () => {
    const { prepared } = await prepare();
    const chosen = objectiveOptions(bProp, { ...short, maskedWeight: 0 });
    const examples = testDocuments.flatMap((_, number) => examplesOf(number, prepared, { given: chosen })).slice(0, 8);
    const context = collateContext(lengthBuckets(64, 8), { bucketTokens: 64, padId: tokenizer.padId });
    const batch = bProp.collate(examples, { ...context, tokenizer, options: chosen });
    const config = {
      ...namedConfig("tiny", { vocabSize: tokenizer.size }),
      ...{ hiddenSize: 32, heads: 2, intermediateSize: 64, dropout: 0, attentionDropout: 0 },
    };
    const store = ParameterStore.create(initialize(config, bProp.heads!(config, chosen), seeded(3, "initialize")));
    const backend = await openBackend("onnx", { threads: 1 });
    const step = trainingStep({ backend, store, seed: 1, loss: objectiveLoss(bProp, chosen, config) });
    let rop = 1;
    for (let i = 1; i <= 80 && rop >= 0.1; i++)
      rop = (await step.run(batch, { step: i, learningRate: 2e-3 })).parts.rop!;
    expect(rop).toBeLessThan(0.1);
    await step.release();
  });
});
