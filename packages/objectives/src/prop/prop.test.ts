import { seeded } from "@propria/base";
import type { Document } from "@propria/collection";
import { openBackend, ParameterStore, trainingStep } from "@propria/engine";
import { samplingNames, wordSetSampler } from "@propria/rop-sampler";
import { Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { initialize, namedConfig } from "@propria/transformer-core";
import { beforeAll, describe, expect, it } from "vitest";
import { objectiveLoss } from "../objective-loss.ts";
import { objectiveOptions } from "../options.ts";
import { testDocuments, testObjective, testPreparation, testVocabulary } from "../testing.ts";
import type { WordSetRow, WordSetRows } from "../toolkit/index.ts";
import prop from "./index.ts";

const short = { minCollectionFrequency: 1, shortDocumentTokens: 0 };
const tokenizer = Tokenizer.fromVocabulary(testVocabulary());
const options = objectiveOptions(prop, short);

async function* each(documents: readonly Document[]) {
  yield* documents;
}
const statistics = async () => prop.prepare!(each(testDocuments), await testPreparation({ options, tokenizer }));
let prepared: Awaited<ReturnType<typeof statistics>>;
beforeAll(async () => {
  prepared = await statistics();
});

const examplesOf = (document: Document, { given = options, maxTokens = 64, seed = 1 } = {}): WordSetRows[] => [
  ...prop.examples(document, {
    number: 0,
    random: seeded(seed, document.id),
    tokenizer,
    options: given,
    prepared,
    maxTokens,
  }),
];

/** The row before masking. */
const original = ({ inputIds, positions, labels }: WordSetRow): number[] => {
  const ids = [...inputIds];
  positions.forEach((position, i) => {
    ids[position] = labels[i]!;
  });
  return ids;
};

describe("prop", () => {
  testObjective(prop, { options: short });
});

describe("prop with one loss of the two", () => {
  testObjective(prop, { options: { ...short, maskedWeight: 0 } });
});

describe("prop's options", () => {
  it("refuse to learn nothing", () => {
    expect(() => objectiveOptions(prop, ["rankingWeight=0", "maskedWeight=0"])).toThrow(
      "options.maskedWeight: rankingWeight and maskedWeight are both 0, so nothing would be learnt",
    );
  });

  it("leave out the heads of a loss of weight 0", () => {
    const config = namedConfig("tiny", { vocabSize: tokenizer.size });
    const heads = (given: Record<string, unknown>) => [
      ...new Set(
        Object.keys(prop.heads!(config, objectiveOptions(prop, given))).map((name) => name.replace(/\.[^.]*$/, "")),
      ),
    ];
    expect(heads({ maskedWeight: 0 })).toEqual(["bert.pooler.dense", "classifier"]);
    expect(heads({ rankingWeight: 0 }).every((name) => name.startsWith("cls."))).toBe(true);
    expect(heads({}).length).toBe(heads({ maskedWeight: 0 }).length + heads({ rankingWeight: 0 }).length);
  });
});

describe("prop's examples", () => {
  it("are [CLS] words [SEP] document [SEP], with segment 1 from the document on", () => {
    const document = testDocuments[0]!;
    const body = tokenizer.encode(`${document.title} ${document.text}`);
    for (const { preferred, other } of testDocuments.flatMap((each) => examplesOf(each)))
      for (const row of [preferred, other]) {
        const ids = original(row);
        const boundary = row.tokenTypes.indexOf(1);
        expect([ids[0], ids[boundary - 1], ids.at(-1)]).toEqual([tokenizer.clsId, tokenizer.sepId, tokenizer.sepId]);
        expect(row.tokenTypes).toEqual(ids.map((_, i) => (i < boundary ? 0 : 1)));
      }
    for (const { preferred } of examplesOf(document)) {
      const boundary = preferred.tokenTypes.indexOf(1);
      expect(original(preferred).slice(boundary, -1)).toEqual(body.slice(0, 64 - boundary - 1)); // cut at its end alone
    }
  });

  it("have the sampler's word sets, the likelier in `preferred`", () => {
    const document = testDocuments[2]!;
    const examples = examplesOf(document);
    const pairs = wordSetSampler(prepared, options).pairs(`${document.title} ${document.text}`, seeded(1, document.id));
    const wordsOf = (row: WordSetRow) => original(row).slice(1, row.tokenTypes.indexOf(1) - 1);
    const first = examples[0]!; // the sampler drew all pairs before the first mask was drawn
    expect(wordsOf(first.preferred)).toEqual(tokenizer.encode(pairs[0]!.preferred.words.join(" ")));
    expect(wordsOf(first.other)).toEqual(tokenizer.encode(pairs[0]!.other.words.join(" ")));
  });

  it("are masked in the document alone, apart from each other", () => {
    const examples = testDocuments.flatMap((document) => examplesOf(document));
    for (const { preferred, other } of examples)
      for (const row of [preferred, other]) {
        expect(row.positions.length).toBeGreaterThan(0);
        for (const position of row.positions) expect(row.tokenTypes[position]).toBe(1);
        for (const label of row.labels) expect(tokenizer.specialIds.has(label)).toBe(false);
      }
    expect(examples.some(({ preferred, other }) => `${preferred.labels}` !== `${other.labels}`)).toBe(true);
  });

  it("hide nothing where the ranking loss stands alone, and are the same as ever where the masks do", () => {
    const document = testDocuments[0]!;
    const alone = examplesOf(document, { given: objectiveOptions(prop, { ...short, maskedWeight: 0 }) });
    for (const { preferred, other } of alone)
      for (const row of [preferred, other]) {
        expect([row.positions, row.labels]).toEqual([[], []]);
        expect(row.inputIds).not.toContain(tokenizer.maskId);
      }
    expect(original(examplesOf(document)[0]!.preferred)).toEqual(alone[0]!.preferred.inputIds);
    expect(examplesOf(document, { given: objectiveOptions(prop, { ...short, rankingWeight: 0 }) })).toEqual(
      examplesOf(document),
    );
  });

  it.each(samplingNames)("are drawn as the option says: %s", (sampling) => {
    const document = testDocuments[2]!;
    const given = objectiveOptions(prop, { ...short, sampling, maskedWeight: 0 });
    const pairs = wordSetSampler(prepared, given).pairs(`${document.title} ${document.text}`, seeded(1, document.id));
    const expected = pairs.map(({ preferred }) => tokenizer.encode(preferred.words.join(" ")));
    expect(
      examplesOf(document, { given }).map(({ preferred: { inputIds, tokenTypes } }) =>
        inputIds.slice(1, tokenTypes.indexOf(1) - 1),
      ),
    ).toEqual(expected);
  });

  it("leave out short documents by the share that the options say, anew in each epoch", () => {
    const skipping = objectiveOptions(prop, { minCollectionFrequency: 1, shortDocumentTokens: 1000 });
    const kept = Array.from({ length: 500 }, (_, seed) =>
      examplesOf(testDocuments[1]!, { given: skipping, seed }),
    ).filter((examples) => examples.length > 0);
    expect(Math.abs(kept.length - 100)).toBeLessThan(45); // five deviations around 20 %
  });

  it("do not take a long document for a short one where rows are short", () => {
    const document = { id: "long", title: "", text: testDocuments.map(({ text }) => text).join(" ") };
    expect(tokenizer.encode(document.text).length).toBeGreaterThan(200);
    const given = objectiveOptions(prop, { minCollectionFrequency: 1, shortDocumentTokens: 200, shortDocumentSkip: 1 });
    expect(examplesOf(document, { given, maxTokens: 32 }).length).toBeGreaterThan(0);
    expect(examplesOf(testDocuments[0]!, { given, maxTokens: 512 })).toEqual([]);
  });

  it("are none where the words alone would fill the row", () => {
    expect(examplesOf(testDocuments[0]!, { maxTokens: 3 })).toEqual([]);
    for (const { preferred } of examplesOf(testDocuments[0]!, { maxTokens: 8 }))
      expect(preferred.inputIds.length).toBeLessThanOrEqual(8);
  });

  it("stand in a batch as neighbours, the preferred first", () => {
    const examples = testDocuments.slice(0, 2).flatMap((document) => examplesOf(document));
    const context = collateContext(lengthBuckets(64, 4), { bucketTokens: 64, padId: tokenizer.padId });
    const { text, masks } = prop.collate(examples, { ...context, tokenizer, options });
    const [rows, width] = text.inputIds.shape;
    expect([rows, width]).toEqual([2 * examples.length, 64]);
    expect(masks!.maskedPositions.shape).toEqual([rows, 10]); // round(.15 · 64)
    const rowAt = (i: number) => [
      ...text.inputIds.data.subarray(i * width, i * width + examples[i >> 1]!.preferred.inputIds.length),
    ];
    expect(rowAt(0)).toEqual(examples[0]!.preferred.inputIds);
    expect([...text.inputIds.data.subarray(width, width + examples[0]!.other.inputIds.length)]).toEqual(
      examples[0]!.other.inputIds,
    );
  });
});

describe("prop over Chinese", () => {
  const documents: Document[] = [
    ["数学", "数学是研究数量、结构以及空间等概念的一门学科。数学家提出猜想，再用证明来确定猜想是否成立。"],
    ["河流", "河流将山上的泥沙带入大海。春天雪水融化，河流的水位上升，河岸的田地被淹没。"],
    ["灯塔", "燈塔建在海岸的岩石上，夜裡的燈光告訴船隻海岸在哪裡。船長依靠燈光航行。"],
    ["铁路", "铁路连接城市与港口。火车运送煤炭和粮食，车站旁边建起了工厂与住宅。"],
    ["茶", "茶树生长在多雨的山坡上。人们采摘嫩叶，炒干之后用热水冲泡，茶的香气来自叶中的油。"],
    ["鹤", "鹤在湿地中过冬，以鱼和根茎为食。春天鹤群飞回北方的沼泽，在那里筑巢产卵。"],
  ].map(([title, text], i) => ({ id: `${i}`, title: title!, text: text!.repeat(2) }));
  const chinese = { ...short, words: "chinese" };

  testObjective(prop, { options: chinese, documents });

  it("draws the words of the texts' language, without its stop words", async () => {
    const preparation = await testPreparation({ options: objectiveOptions(prop, chinese), tokenizer });
    const known = await prop.prepare!(each(documents), preparation);
    for (const word of ["数学", "河流", "燈塔", "火车", "春天"]) expect(known.words).toContain(word);
    for (const word of ["的", "是", "以及", "哪裡", "与"]) expect(known.words).not.toContain(word);
  });
});

describe("prop's loss", () => {
  const config = {
    ...namedConfig("tiny", { vocabSize: tokenizer.size }),
    hiddenSize: 32,
    heads: 2,
    intermediateSize: 64,
    dropout: 0,
    attentionDropout: 0,
  };
  const open = async (given: Record<string, unknown>) => {
    const chosen = objectiveOptions(prop, { ...short, ...given });
    const examples = testDocuments.flatMap((document) => examplesOf(document, { given: chosen }).slice(0, 1));
    const context = collateContext(lengthBuckets(64, 8), { bucketTokens: 64, padId: tokenizer.padId });
    const batch = prop.collate(examples, { ...context, tokenizer, options: chosen });
    const store = ParameterStore.create(initialize(config, prop.heads!(config, chosen), seeded(3, "initialize")));
    const backend = await openBackend("onnx", { threads: 1 });
    return { batch, step: trainingStep({ backend, store, seed: 1, loss: objectiveLoss(prop, chosen, config) }) };
  };

  it("is about 1 plus ln |V| at the start, and the weighted sum of its parts", async () => {
    const { batch, step } = await open({ rankingWeight: 2, maskedWeight: 0.5 });
    const { loss, parts } = await step.gradients(batch, { step: 1 });
    expect(Math.abs(parts.rop! - 1)).toBeLessThan(0.05);
    expect(Math.abs(parts.mlm! - Math.log(tokenizer.size))).toBeLessThan(0.3);
    expect(loss).toBeCloseTo(2 * parts.rop! + 0.5 * parts.mlm!, 4);
    await step.release();
  });

  it.each([
    ["rop", { maskedWeight: 0, rankingWeight: 2 }],
    ["mlm", { rankingWeight: 0, maskedWeight: 2 }],
  ])("is %s alone where the other weighs nothing, and says no more", async (part, given) => {
    const { batch, step } = await open(given);
    const { loss, parts } = await step.gradients(batch, { step: 1 });
    expect(Object.keys(parts)).toEqual([part]);
    expect(loss).toBeCloseTo(2 * parts[part]!, 5);
    expect("masks" in batch).toBe(part === "mlm");
    await step.release();
  });

  it.each(["rawHinge", "ranknet"] as const)("is %s where told: 1 or ln 2 at equal scores", async (rankingLoss) => {
    const { batch, step } = await open({ rankingLoss, maskedWeight: 0 });
    const { loss } = await step.gradients(batch, { step: 1 });
    expect(Math.abs(loss - (rankingLoss === "ranknet" ? Math.LN2 : 1))).toBeLessThan(0.05);
    await step.release();
  });

  it("learns which sets are preferred: a pair of each of 8 documents to a ranking loss under .1", async () => {
    const { batch, step } = await open({ maskedWeight: 0 });
    let rop = 1;
    for (let i = 1; i <= 80 && rop >= 0.1; i++)
      rop = (await step.run(batch, { step: i, learningRate: 2e-3 })).parts.rop!;
    expect(rop).toBeLessThan(0.1);
    await step.release();
  });
});
