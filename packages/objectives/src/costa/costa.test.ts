import { seeded } from "@propria/base";
import { type NdArray, openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, maskedLanguageModelInits, namedConfig } from "@propria/transformer-core";
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, lossOnStates, normsByToken, smallConfig, someStates, tokenizer } from "../../test/on-states.ts";
import { objectiveLoss } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective } from "../testing.ts";
import type { CostaExample } from "./examples.ts";
import costa from "./index.ts";
import { costaContrast } from "./loss.ts";
import { type SpanOptions, sampleSpans, spanLength } from "./spans.ts";

await openBackend("cpu"); // registers tfjs' gradients
await import("@tensorflow/tfjs-backend-cpu");
await tf.setBackend("cpu");

describe("costa", () => {
  testObjective(costa);
});

describe("costa with dot products, a deeper projector, the printed sum, two granularities", () => {
  const options = {
    similarity: "dot",
    projector: "mlp",
    reduction: "sum",
    granularities: ["word", "paragraph"],
    spansPerGranularity: 2,
  };
  testObjective(costa, { options, maxTokens: 32 });
});

describe("costa without the masked language model and without a projector", () => {
  testObjective(costa, { options: { maskedWeight: 0, projector: "none", contrastiveWeight: 1 }, maxTokens: 32 });
});

describe("costa without spans", () => {
  testObjective(costa, { options: { spansPerGranularity: 0 }, maxTokens: 32 });
});

const defaults = objectiveOptions(costa);
const value = (x: tf.Tensor) => x.dataSync()[0]!;

/** L_GWC itself. */
const gwc = (texts: Tensor2D, spans: Tensor3D, given: Partial<Parameters<typeof costaContrast>[1]> = {}): number =>
  value(costaContrast({ texts, spans }, { ...defaults, contrastiveWeight: 1, ...given }).loss);

describe("costa's loss", () => {
  const [texts, spans] = [
    tf.randomNormal([3, 8], 0, 1, "float32", 1),
    tf.randomNormal([3, 8, 8], 0, 1, "float32", 2),
  ] as [Tensor2D, Tensor3D];

  it.each([
    [1, Math.log(4), 1.3863],
    [5, Math.log(20), 2.9957],
  ])("is ln 4T at the least: T = %d", (spansPerGranularity, bound, printed) => {
    const eye = tf.eye(2) as Tensor2D;
    const own = tf.tile(tf.reshape(eye, [2, 1, 2]), [1, 4 * spansPerGranularity, 1]) as Tensor3D;
    const least = gwc(eye, own, { temperature: 0.01 });
    expect(least).toBeCloseTo(bound, 5);
    expect(least).toBeCloseTo(printed, 4);
    const some = tf.randomNormal([2, 4 * spansPerGranularity, 2], 0, 1, "float32", 3) as Tensor3D;
    expect(gwc(eye, some)).toBeGreaterThan(bound);
  });

  it("is ln 4T and a little for positives at cosine 1 and all others at 0", () => {
    const eye = tf.eye(2) as Tensor2D;
    const own = tf.tile(tf.reshape(eye, [2, 1, 2]), [1, 4, 1]) as Tensor3D;
    expect(gwc(eye, own)).toBeCloseTo(Math.log(4 + 5 * Math.exp(-10)), 6);
    expect(gwc(eye, own)).toBeCloseTo(1.386351, 6);
  });

  it("is ln(N(4T + 1) − 1) for each text when all vectors are equal", () => {
    const [same, spansOfSame] = [tf.ones([2, 3]) as Tensor2D, tf.ones([2, 4, 3]) as Tensor3D];
    expect(gwc(same, spansOfSame)).toBeCloseTo(2.1972, 4);
    expect(gwc(same, spansOfSame, { reduction: "sum" })).toBeCloseTo(4.3944, 4);
    expect(gwc(tf.ones([3, 3]), tf.ones([3, 20, 3]))).toBeCloseTo(Math.log(3 * 21 - 1), 5);
  });

  it("is the formula: N anchors, 4T positives each, and no anchor in its own denominator", () => {
    const unit = (row: number[]) => row.map((x) => x / Math.hypot(...row));
    const z = (texts.arraySync() as number[][]).map(unit);
    const s = (spans.arraySync() as number[][][]).map((rows) => rows.map(unit));
    const e = (a: number[], b: number[]) => Math.exp(a.reduce((sum, x, k) => sum + x * b[k]!, 0) / 0.1);
    const perText = z.map((anchor, i) => {
      const others = z.filter((_, j) => j !== i);
      expect(s[i]).toHaveLength(8);
      const total = [...others, ...s.flat()].reduce((sum, x) => sum + e(anchor, x), 0);
      return s[i]!.reduce((sum, p) => sum - Math.log(e(anchor, p) / total) / 8, 0);
    });
    expect(gwc(texts, spans)).toBeCloseTo(perText.reduce((a, b) => a + b) / 3, 4);
  });

  it("does not depend on the order of a text's spans, nor on that of the texts", () => {
    const shuffled = tf.gather(spans, tf.tensor1d([3, 1, 0, 2, 7, 5, 6, 4], "int32"), 1) as Tensor3D;
    expect(gwc(texts, shuffled)).toBeCloseTo(gwc(texts, spans), 5);
    const order = tf.tensor1d([2, 0, 1], "int32");
    expect(gwc(tf.gather(texts, order), tf.gather(spans, order))).toBeCloseTo(gwc(texts, spans), 5);
  });

  it("sees the vectors' lengths by dot product alone", () => {
    const longer = tf.mul(texts, 3) as Tensor2D;
    expect(gwc(longer, spans)).toBeCloseTo(gwc(texts, spans), 4);
    expect(gwc(longer, spans, { similarity: "dot" })).not.toBeCloseTo(gwc(texts, spans, { similarity: "dot" }), 1);
  });

  it("is weighted by λ beside the masked language model's", async () => {
    const { parts, loss } = await gradientsOf({ contrastiveWeight: 0.3, maskedWeight: 2 });
    expect(loss).toBeCloseTo(0.3 * parts.gwc! + 2 * parts.mlm!, 4);
  });

  it("is the masked language model's alone where T is 0", async () => {
    const { parts, loss, gradients } = await gradientsOf({ spansPerGranularity: 0 });
    expect(Object.keys(parts)).toEqual(["mlm"]);
    expect(loss).toBeCloseTo(parts.mlm!, 6);
    expect(Object.keys(gradients).filter((name) => name.startsWith("costa"))).toEqual([]);
  });

  it("learns L_GWC through the states of [CLS] and, by pooling, of exactly the tokens in spans", async () => {
    const batch = batchOf(costa, {}, { documents: testDocuments.slice(0, 3) });
    const { gradients } = await lossOnStates(costa, {}, batch, someStates(3, 32, smallConfig), { part: "gwc" });
    const { starts, ends, content } = batch.spans as Record<"starts" | "ends" | "content", NdArray>;
    const norms = normsByToken(gradients["states.2"], 16);
    expect(norms).toHaveLength(3 * 32);
    const spansEach = starts.shape[1]!;
    norms.forEach((norm, token) => {
      const [row, place] = [Math.floor(token / 32), token % 32];
      const covers = (_: number, span: number) =>
        Math.floor(span / spansEach) === row && starts.data[span]! <= place && place < ends.data[span]!;
      const counts = place === 0 || (content.data[token] === 1 && [...starts.data].some(covers));
      if (counts) expect(norm, `text ${row}, token ${place}`).toBeGreaterThan(1e-4);
      else expect(norm, `text ${row}, token ${place}`).toBe(0);
    });
    expect(norms.filter((norm) => norm === 0).length).toBeGreaterThan(0); // [SEP] at the least
    expect(gradients["states.1"]).toBeUndefined();
  });
});

/** One batch of four documents, on a small encoder. */
async function gradientsOf(given: Record<string, unknown>) {
  const options = objectiveOptions(costa, given);
  const shape = { vocabSize: tokenizer.size, hiddenSize: 32, heads: 2, dropout: 0, attentionDropout: 0 };
  const config = { ...namedConfig("tiny", shape), intermediateSize: 64 };
  const step = trainingStep({
    backend: await openBackend("onnx", { threads: 1 }),
    store: ParameterStore.create(initialize(config, costa.heads!(config, options), seeded(1))),
    seed: 1,
    loss: objectiveLoss(costa, options, config),
  });
  const examples = testDocuments.slice(0, 4).flatMap((_, i) => examplesOf(i, given));
  const context = collateContext(lengthBuckets(64, 4), { bucketTokens: 64, padId: tokenizer.padId });
  return step.gradients(costa.collate(examples, { ...context, tokenizer, options }), { step: 1 });
}

const examplesOf = (index: number, given: Record<string, unknown> = {}, seed = 1): CostaExample[] => [
  ...costa.examples(testDocuments[index]!, {
    random: seeded(seed, index),
    tokenizer,
    options: objectiveOptions(costa, given),
    number: 0,
    prepared: undefined,
    maxTokens: 64,
  }),
];

describe("costa's examples", () => {
  it("have T spans of each granularity inside the text, never on a special token", () => {
    for (let seed = 0; seed < 50; seed++)
      for (const { inputIds, spans, positions, labels } of examplesOf(seed % testDocuments.length, {}, seed)) {
        const row = [...inputIds];
        positions.forEach((position, i) => {
          row[position] = labels[i]!;
        });
        expect(spans).toHaveLength(20);
        for (const { start, end } of spans) {
          expect(start).toBeGreaterThanOrEqual(1);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(row.length - 1);
          for (const id of row.slice(start, end)) expect(tokenizer.specialIds.has(id)).toBe(false);
        }
        for (const { start, end } of spans.slice(0, 5)) {
          expect(tokenizer.isContinuation(row[start]!)).toBe(false);
          for (const id of row.slice(start + 1, end)) expect(tokenizer.isContinuation(id)).toBe(true);
          expect(tokenizer.isContinuation(row[end]!)).toBe(false); // the word ends here
        }
        const { phraseTokens, sentenceTokens, paragraphTokens } = defaults;
        for (const [i, [shortest, longest]] of [phraseTokens, sentenceTokens, paragraphTokens].entries())
          for (const { start, end } of spans.slice(5 * (i + 1), 5 * (i + 2))) {
            expect(end - start).toBeGreaterThanOrEqual(Math.min(shortest, row.length - 2)); // or the whole text
            expect(end - start).toBeLessThanOrEqual(longest);
          }
      }
  });

  it("leave out short documents where that is asked for", () => {
    expect(examplesOf(0, { shortDocumentTokens: 1000 })).toEqual([]);
    expect(examplesOf(0, { shortDocumentTokens: 20 })).toHaveLength(1);
  });

  it("draw the same masks whatever spans are drawn", () => {
    const [many, few] = [examplesOf(0), examplesOf(0, { spansPerGranularity: 1 })];
    expect(many[0]!.inputIds).toEqual(few[0]!.inputIds);
  });
});

describe("sampleSpans", () => {
  const text = tokenizer.encode(testDocuments.map(({ text }) => text).join(" "));
  const spans = (ids: readonly number[], given: Partial<SpanOptions>, seed = 3) =>
    sampleSpans(ids, { ...defaults, ...given }, { random: seeded(seed), tokenizer });

  it("draws lengths whose mean is two thirds up the band for α 4, β 2", () => {
    const draws = 20_000;
    for (const [granularity, [shortest, longest]] of [
      ["phrase", defaults.phraseTokens],
      ["sentence", defaults.sentenceTokens],
      ["paragraph", defaults.paragraphTokens],
    ] as const) {
      const drawn = spans(text, { granularities: [granularity], spansPerGranularity: draws });
      const lengths = drawn.map(({ start, end }) => end - start);
      const range = longest - shortest;
      const deviation = range * Math.sqrt((4 * 2) / (36 * 7)); // of Beta(4, 2)
      const mean = lengths.reduce((sum, length) => sum + length, 0) / draws;
      expect(Math.abs(mean + 0.5 - (shortest + (2 / 3) * range))).toBeLessThan(
        5 * (deviation / Math.sqrt(draws)) + 0.1,
      );
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(shortest);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
    }
  });

  it("draws lengths one third up the band for α 2, β 4", () => {
    const random = seeded(4);
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += spanLength([0, 1000], { alpha: 2, beta: 4 }, random);
    expect(Math.abs(sum / 20_000 - 333)).toBeLessThan(7);
  });

  it("places spans uniformly, from the first token to the last", () => {
    const counts = new Float64Array(8);
    const given = { granularities: ["phrase"], phraseTokens: [3, 3], spansPerGranularity: 6000 } as const;
    for (const { start } of spans(text.slice(0, 10), given)) counts[start]!++;
    for (const count of counts) expect(Math.abs(count - 750)).toBeLessThan(5 * Math.sqrt(750));
  });

  it("takes the whole of a text shorter than the band", () => {
    for (const span of spans(text.slice(0, 3), { granularities: ["sentence", "paragraph"] }))
      expect(span).toEqual({ start: 0, end: 3 });
    expect(spans(text.slice(0, 1), {})).toEqual(Array.from({ length: 20 }, () => ({ start: 0, end: 1 })));
  });

  it("takes each word equally often, with all its pieces", () => {
    const ids = tokenizer.encode("river carries water");
    expect(ids.length).toBeGreaterThan(3);
    const counts = new Map<string, number>();
    for (const { start, end } of spans(ids, { granularities: ["word"], spansPerGranularity: 3000 })) {
      const word = ids
        .slice(start, end)
        .map((id) => tokenizer.tokenOf(id).replace("##", ""))
        .join("");
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["carries", "river", "water"]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(667));
  });
});

describe("costa on a text with special tokens in it", () => {
  const [unknown, sep] = ["\u2603", "[SEP]"]; // a character that the vocabulary lacks; a literal
  const text = `${unknown} river ${unknown} ${unknown} carries ${sep} water ${unknown}`;
  const ids = tokenizer.encode(text);
  const isSpecial = ids.map((id) => tokenizer.specialIds.has(id));
  const drawn = (given: Partial<SpanOptions>, from: readonly number[] = ids) =>
    sampleSpans(from, { ...defaults, spansPerGranularity: 500, ...given }, { random: seeded(3), tokenizer });

  it("takes none for a word", () => {
    expect(isSpecial.filter((special) => special).length).toBeGreaterThanOrEqual(4);
    const spans = drawn({ granularities: ["word"] });
    for (const { start, end } of spans) expect(isSpecial.slice(start, end)).not.toContain(true);
    expect(new Set(spans.map(({ start }) => start)).size).toBe(3); // river, carries, water
  });

  it("never draws a span of them alone, and every other place equally often", () => {
    const counts = new Map<number, number>();
    const given = { granularities: ["phrase"], phraseTokens: [2, 2], spansPerGranularity: 7000 } as const;
    for (const { start, end } of drawn(given)) {
      expect(isSpecial.slice(start, end)).toContain(false);
      counts.set(start, (counts.get(start) ?? 0) + 1);
    }
    const places = ids.slice(1).filter((_, i) => !isSpecial[i] || !isSpecial[i + 1]).length;
    expect(counts.size).toBe(places);
    for (const count of counts.values()) expect(Math.abs(count - 7000 / places)).toBeLessThan(5 * Math.sqrt(1000));
  });

  it("counts none of them in a span, and masked tokens like others", () => {
    const document = { id: "special", title: "", text };
    for (let seed = 0; seed < 20; seed++) {
      const random = seeded(seed);
      const given = { random, tokenizer, options: defaults, number: 0, prepared: undefined, maxTokens: 32 };
      const examples = [...costa.examples(document, given)];
      const context = collateContext(lengthBuckets(32, 1), { bucketTokens: 32, padId: tokenizer.padId });
      const { spans } = costa.collate(examples, { ...context, tokenizer, options: defaults });
      const [width, content] = [spans!.content.shape[1], [...spans!.content.data]];
      expect(content).toEqual([
        0,
        ...isSpecial.map((special) => (special ? 0 : 1)),
        ...Array(width - ids.length - 1).fill(0),
      ]);
    }
  });

  it("gives no example where it holds nothing else", () => {
    const nothing = { id: "nothing", title: "", text: `${unknown} ${sep} ${unknown}` };
    const given = { random: seeded(1), tokenizer, options: defaults, number: 0, prepared: undefined, maxTokens: 32 };
    expect([...costa.examples(nothing, given)]).toEqual([]);
  });
});

describe("costa's embeddings", () => {
  it("are compared by dot product, whatever the loss does", () => {
    expect(costa.embedding).toEqual({ pooling: "cls", similarity: "dot" });
  });
});

describe("costa's heads", () => {
  it("are the projector and the masked language model's, each where it is used", () => {
    const config = namedConfig("tiny", { vocabSize: 100 });
    const names = (given: Record<string, unknown>) => Object.keys(costa.heads!(config, objectiveOptions(costa, given)));
    const projector = ["costa.projector.weight", "costa.projector.bias"];
    const masked = Object.keys(maskedLanguageModelInits(config));
    expect(names({})).toEqual([...masked, ...projector]);
    expect(names({ projector: "none" })).toEqual(masked);
    expect(names({ spansPerGranularity: 0 })).toEqual(masked);
    expect(names({ maskedWeight: 0 })).toEqual(projector);
    expect(names({ maskedWeight: 0, projector: "none" })).toEqual([]);
  });
});
