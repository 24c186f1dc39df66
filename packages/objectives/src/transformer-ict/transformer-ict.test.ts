import { seeded } from "@propria/base";
import { openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, namedConfig } from "@propria/transformer-core";
import { describe, expect, it } from "vitest";
import ict from "../ict/index.ts";
import { objectiveLoss } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective, testVocabulary } from "../testing.ts";
import type { Cloze } from "../toolkit/index.ts";
import transformerIct from "./index.ts";

const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const clozes = (objective: typeof transformerIct | typeof ict, given: Record<string, unknown>, seed = 1): Cloze[] =>
  testDocuments.flatMap((document) => [
    ...objective.examples(document, {
      random: seeded(seed, document.id),
      tokenizer,
      options: objectiveOptions(objective, given) as never,
      number: 0,
      prepared: undefined,
      maxTokens: 128,
    }),
  ]);

describe("transformer-ict", () => {
  testObjective(transformerIct);
});

describe("transformer-ict without the masked language model", () => {
  testObjective(transformerIct, { options: { maskedWeight: 0 } });
});

describe("transformer-ict's examples", () => {
  it("are ict's, with longer blocks and masks on both sides", () => {
    const unmasked = { maskedWeight: 0, blockTokens: 128 };
    expect(clozes(transformerIct, unmasked)).toEqual(clozes(ict, unmasked));
    for (const { query, block } of clozes(transformerIct, {})) {
      expect(query.positions!.length).toBeGreaterThan(0);
      expect(block.positions!.length).toBeGreaterThan(0);
    }
  });

  it("lose their sentence nine times of ten, or always where told, as in the code", () => {
    const draws = Array.from({ length: 200 }, (_, seed) => clozes(transformerIct, { maskedWeight: 0 }, seed)).flat();
    const removed = draws.filter((cloze) => cloze.removed).length;
    expect(Math.abs(removed / draws.length - 0.9)).toBeLessThan(5 * Math.sqrt(0.09 / draws.length));
    expect(clozes(transformerIct, { removal: 1 }).every((cloze) => cloze.removed)).toBe(true);
  });
});

describe("transformer-ict's heads", () => {
  const config = namedConfig("tiny", { vocabSize: tokenizer.size });
  const heads = (given: Record<string, unknown>) =>
    Object.keys(transformerIct.heads!(config, objectiveOptions(transformerIct, given)));

  it("are BERT's pooler and masked language model: what a cross-encoder starts from, without a ranking head", () => {
    expect(heads({}).filter((name) => !name.startsWith("cls."))).toEqual([
      "bert.pooler.dense.weight",
      "bert.pooler.dense.bias",
    ]);
    expect(heads({}).some((name) => name.startsWith("cls."))).toBe(true);
    expect(heads({ maskedWeight: 0 }).some((name) => name.startsWith("cls."))).toBe(false);
  });
});

describe("transformer-ict's loss", () => {
  const config = { ...namedConfig("tiny", { vocabSize: tokenizer.size }), dropout: 0, attentionDropout: 0 };
  const partsOf = async (examples: readonly Cloze[], given: Record<string, unknown>) => {
    const options = objectiveOptions(transformerIct, given);
    const context = collateContext(lengthBuckets(128, 8), { bucketTokens: 128, padId: tokenizer.padId });
    const batch = transformerIct.collate(examples, { ...context, tokenizer, options });
    const parameters = initialize(config, transformerIct.heads!(config, options), seeded(3, "initialize"));
    const store = ParameterStore.create(parameters);
    const backend = await openBackend("onnx", { threads: 1 });
    const step = trainingStep({ backend, store, seed: 1, loss: objectiveLoss(transformerIct, options, config) });
    const { loss, parts } = await step.gradients(batch, { step: 1 });
    await step.release();
    return { loss, parts };
  };

  it("is ln B where all embeddings are equal, for all pairs are the same", async () => {
    const [cloze] = clozes(transformerIct, { maskedWeight: 0 }) as [Cloze];
    const { loss, parts } = await partsOf(Array<Cloze>(6).fill(cloze), { maskedWeight: 0 });
    expect(parts.ict).toBeCloseTo(Math.log(6), 5);
    expect(loss).toBeCloseTo(Math.log(6), 5);
    expect(Object.keys(parts)).toEqual(["ict"]);
  });

  it("is the sum of its parts, each under its name", async () => {
    const examples = clozes(transformerIct, {}).slice(0, 4);
    const { loss, parts } = await partsOf(examples, { maskedWeight: 0.5, contrastiveWeight: 2 });
    expect(Object.keys(parts).sort()).toEqual(["blockMlm", "ict", "queryMlm"]);
    expect(loss).toBeCloseTo(2 * parts.ict! + 0.5 * (parts.queryMlm! + parts.blockMlm!), 4);
  });
});
