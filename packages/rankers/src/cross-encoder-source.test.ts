import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seeded } from "@propria/base";
import { DocumentStore } from "@propria/collection";
import { collateContext, lengthBuckets } from "@propria/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CrossEncoderSourceOptions, drawGroup, type GradedBatch, openSource } from "./cross-encoder-source.ts";
import { writeTrainingGroups } from "./training-groups.ts";

const query = { queryIds: [], positives: [3, 7], negatives: [10, 11, 12, 13, 14] };
const draws = (groupSize: number, negatives = query.negatives) =>
  Array.from({ length: 300 }, (_, item) =>
    drawGroup({ ...query, negatives }, groupSize, 20, seeded(1, "examples", 0, item)),
  );

describe("drawGroup", () => {
  it("puts one of the positives first and different negatives of the query's own behind it", () => {
    for (const [positive, ...negatives] of draws(4)) {
      expect(query.positives).toContain(positive);
      expect(new Set(negatives).size).toBe(3);
      for (const negative of negatives) expect(query.negatives).toContain(negative);
    }
  });

  it("draws every positive and every negative", () => {
    const drawn = draws(2);
    expect(new Set(drawn.map(([positive]) => positive))).toEqual(new Set(query.positives));
    expect(new Set(drawn.map(([, negative]) => negative))).toEqual(new Set(query.negatives));
  });

  it("fills up with other documents of the corpus, never with a positive or a document twice", () => {
    for (const group of draws(5, [10])) {
      expect(group[1]).toBe(10);
      expect(new Set(group).size).toBe(5);
      expect(group.slice(1).filter((number) => query.positives.includes(number))).toEqual([]);
      expect(group.every((number) => number < 20)).toBe(true);
    }
  });

  it("is the same for the same stream", () => {
    expect(draws(4)).toEqual(draws(4));
  });

  it("takes positives of a lower label for what the positive is to be above, never one as high", () => {
    const graded = { queryIds: [], positives: [1, 2, 3, 4], labels: [0.5, 1, 1, 0.25], negatives: [10, 11] };
    const label = new Map(graded.positives.map((number, i) => [number, graded.labels[i]!]));
    const groups = Array.from({ length: 300 }, (_, item) => drawGroup(graded, 4, 20, seeded(2, "examples", item)));
    for (const [positive, ...others] of groups) {
      expect(new Set(others).size).toBe(3);
      for (const other of others) expect(label.get(other) ?? 0).toBeLessThan(label.get(positive!)!);
    }
    const pairs = Array.from({ length: 2000 }, (_, item) => drawGroup(graded, 2, 20, seeded(3, "examples", item)));
    const below = pairs.filter(([positive]) => positive === 2).map(([, other]) => label.has(other!));
    expect(Math.abs(below.filter(Boolean).length / below.length - 0.5)).toBeLessThan(0.1); // even odds
  });
});

describe("openSource", () => {
  const tiny = fileURLToPath(new URL("../test/oracle/tiny-cross-encoder", import.meta.url));
  const words = ["oil", "pump", "wing", "skin", "fuel", "cold"];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rankers-"));
    async function* documents() {
      yield { id: "long", title: "water", text: words.join(" ") };
      for (const word of words) yield { id: word, title: "", text: word };
    }
    (await DocumentStore.create(join(folder, "documents"), documents())).close();
    async function* queries() {
      yield { queryIds: [], positives: [0, 1], labels: [1, 0.5], negatives: [2] };
    }
    await writeTrainingGroups(join(folder, "queries.bin"), queries());
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const open = (more: Partial<CrossEncoderSourceOptions>) =>
    openSource({
      ...{ groups: join(folder, "queries.bin"), documents: join(folder, "documents"), tokenizer: tiny },
      ...{ queryTokens: 4, maxTokens: 24, groupSize: 2, graded: false, ...more },
    });
  /** What is read of the long document, in many epochs. */
  async function read(more: Partial<CrossEncoderSourceOptions>) {
    const source = await open(more);
    const texts = Array.from({ length: 400 }, (_, epoch) => {
      const [example] = [...source.examples(0, seeded(1, "examples", epoch, 0), epoch)];
      return example!.labels[0] === 1 ? example!.rows[0]!.ids.length - 3 : 0;
    }).filter((pieces) => pieces > 0);
    source.close?.();
    return texts;
  }

  it("reads all of a document, its first passage, any of them, or mostly the first", async () => {
    const sliding = { words: 4, stride: 1 }; // of 6 words: 3 passages of 4, with the title 5
    expect(new Set(await read({}))).toEqual(new Set([7]));
    for (const train of ["first", "any", "mostlyFirst"] as const)
      expect(new Set(await read({ passages: { ...sliding, train } }))).toEqual(new Set([5]));
    const stepping = { words: 4, stride: 4 }; // of 4 and 2
    const lastShare = (pieces: number[]) => pieces.filter((count) => count === 3).length / pieces.length;
    expect(lastShare(await read({ passages: { ...stepping, train: "first" } }))).toBe(0);
    expect(lastShare(await read({ passages: { ...stepping, train: "any" } }))).toBeCloseTo(0.5, 1);
    expect(lastShare(await read({ passages: { ...stepping, train: "mostlyFirst" } }))).toBeCloseTo(1 - 1 / 1.1, 1);
  });

  it("gives the labels of a group beside its pairs, where they are asked for", async () => {
    const source = await open({ graded: true, groupSize: 3 });
    const [example] = [...source.examples(0, seeded(1, "examples", 0, 0), 0)];
    const context = collateContext(lengthBuckets(24, 1), { bucketTokens: 24, padId: source.padId });
    const { labels } = source.collate([example!], context) as GradedBatch;
    expect([...labels.data]).toEqual(example!.labels);
    expect(example!.labels).toContain(example!.labels[0] === 1 ? 0 : 0.5);
    source.close?.();
  });
});
