import { seeded } from "@propria/base";
import type { Document } from "@propria/collection";
import { openBackend } from "@propria/engine";
import { Tokenizer } from "@propria/tokenizer";
import { namedConfig } from "@propria/transformer-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { objectiveStages } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective, testVocabulary } from "../testing.ts";
import type { Cloze } from "../toolkit/index.ts";
import ict from "./index.ts";

await openBackend("cpu"); // registers tfjs' gradients
await import("@tensorflow/tfjs-backend-cpu");
await tf.setBackend("cpu");

describe("ict", () => {
  testObjective(ict);
});

describe("ict as in ORQA, with all blocks", () => {
  testObjective(ict, { options: { projectionSize: 12, blocks: "all", blockTokens: 32, queryTokens: 16 } });
});

describe("ict with the masked language model, mean pooling and without titles", () => {
  testObjective(ict, { options: { maskedWeight: 1, pooling: "mean", titles: false } });
});

const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const clozes = (
  document: Document,
  given: Record<string, unknown> = {},
  { maxTokens = 128, seed = 1 } = {},
): Cloze[] => [
  ...ict.examples(document, {
    random: seeded(seed, document.id),
    tokenizer,
    options: objectiveOptions(ict, given),
    number: 0,
    prepared: undefined,
    maxTokens,
  }),
];
const ids = (row: { inputIds: number[] }) => row.inputIds.join(" ");
const spaced = (ids: readonly number[]) => ` ${ids.join(" ")} `;
const inner = (row: { inputIds: number[] }) => row.inputIds.slice(1, -1);

describe("ict's examples", () => {
  const river = testDocuments[0]!;

  it("are [CLS] sentence [SEP] and [CLS] title [SEP] block [SEP]", () => {
    const [{ query, block }] = clozes(river, { removal: 0 }) as [Cloze];
    const { clsId, sepId } = tokenizer;
    expect(block.inputIds).toEqual([
      clsId,
      ...tokenizer.encode("Rivers"),
      sepId,
      ...tokenizer.encode(river.text),
      sepId,
    ]);
    expect([query.inputIds[0], query.inputIds.at(-1)]).toEqual([clsId, sepId]);
    expect(ids(block)).toContain(inner(query).join(" "));
    const [untitled] = clozes(river, { removal: 0, titles: false });
    expect(untitled!.block.inputIds).toEqual([clsId, ...tokenizer.encode(river.text), sepId]);
  });

  it("need rows of eight tokens at least", () => {
    for (let maxTokens = 1; maxTokens < 8; maxTokens++)
      expect(() => clozes(river, {}, { maxTokens })).toThrow(
        `maxTokens: ${maxTokens} tokens a row do not hold a title and a block of text (give at least 8)`,
      );
    for (const titles of [true, false])
      for (let seed = 0; seed < 50; seed++)
        for (const { query, block } of clozes(
          { ...river, title: "rivers and their banks" },
          { titles },
          { maxTokens: 8, seed },
        ))
          for (const row of [query, block]) expect(row.inputIds.length).toBeLessThanOrEqual(8);
  });

  it("take every sentence equally often, and remove nine of ten", () => {
    const counts = new Map<string, number>();
    let removed = 0;
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++) {
      const [cloze] = clozes(river, {}, { seed }) as [Cloze];
      counts.set(ids(cloze.query), (counts.get(ids(cloze.query)) ?? 0) + 1);
      if (cloze.removed) removed++;
    }
    expect(counts.size).toBe(4); // sentences of the text
    for (const count of counts.values()) expect(Math.abs(count - draws / 4)).toBeLessThan(5 * Math.sqrt(draws * 0.19));
    expect(Math.abs(removed / draws - 0.9)).toBeLessThan(5 * Math.sqrt(0.09 / draws));
  });

  it("never leave a removed sentence in its block, and leave the others in their order", () => {
    for (const document of testDocuments)
      for (let seed = 0; seed < 50; seed++)
        for (const { query, block, removed } of clozes(document, {}, { seed })) {
          expect(` ${ids(block)} `.includes(` ${inner(query).join(" ")} `)).toBe(!removed);
          if (!removed) continue;
          const body = block.inputIds.slice(block.inputIds.indexOf(tokenizer.sepId) + 1, -1); // after the title
          const others = spaced(tokenizer.encode(document.text)).replaceAll(spaced(inner(query)), " ");
          expect(body.length).toBeGreaterThan(15);
          expect(others).toContain(spaced(body));
        }
  });

  it("never leave a sentence that stands twice, or in the title", () => {
    const twice = { id: "twice", title: "", text: "The sea is low. The river rises. The sea is low." };
    for (let seed = 0; seed < 30; seed++)
      for (const { query, block } of clozes(twice, { removal: 1 }, { seed }))
        expect(` ${ids(block)} `).not.toContain(` ${inner(query).join(" ")} `);
    const titled = { id: "titled", title: "The river rises.", text: "The river rises. The river rises." };
    expect(clozes(titled, { removal: 1 })).toEqual([]);
  });

  it("keep a block of one sentence only with the sentence in it", () => {
    const one = { id: "one", title: "", text: "The river rises in spring." };
    expect(clozes(one, { removal: 1 })).toEqual([]);
    const [{ query, block }] = clozes(one, { removal: 0 }) as [Cloze];
    expect(block).toEqual(query);
  });

  it("are one block of a long document or all, within their lengths", () => {
    const given = { blockTokens: 40, queryTokens: 10 };
    expect(clozes(river, given)).toHaveLength(1);
    const all = clozes(river, { ...given, blocks: "all", removal: 0 });
    expect(all.length).toBeGreaterThan(1);
    for (const { query, block } of all) {
      expect(query.inputIds.length).toBeLessThanOrEqual(10);
      expect(block.inputIds.length).toBeLessThanOrEqual(40);
    }
    const title = tokenizer.encode("Rivers").length + 2;
    const bodies = all.flatMap(({ block }) => block.inputIds.slice(title, -1));
    expect(bodies).toEqual(tokenizer.encode(river.text)); // whole sentences, each once
    const [narrow] = clozes(river, { blocks: "all", removal: 0 }, { maxTokens: 24 });
    expect(narrow!.block.inputIds.length).toBeLessThanOrEqual(24);
  });
});

describe("ict's loss", () => {
  const loss = (queries: Tensor2D, blocks: Tensor2D) => {
    const config = namedConfig("tiny", { vocabSize: tokenizer.size });
    const { contrast } = objectiveStages(ict, objectiveOptions(ict), config)!;
    return contrast({}, { queries, blocks }).loss.dataSync()[0]!;
  };

  it("is ln B when all embeddings are equal", () => {
    const same = tf.ones([6, 3]) as Tensor2D;
    expect(loss(same, same)).toBeCloseTo(Math.log(6), 5);
  });

  it("is the cross-entropy of dot products: longer vectors are surer", () => {
    const eye = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    expect(loss(eye, eye)).toBeCloseTo(Math.log(1 + Math.exp(-1)), 5);
    expect(loss(tf.mul(eye, 3), tf.mul(eye, 3))).toBeCloseTo(Math.log(1 + Math.exp(-9)), 5);
  });
});
