import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicCollection, topicContents } from "../test/collections.ts";
import { prepareTrainingData } from "./training-data.ts";
import type { TrainingCollection } from "./training-documents.ts";
import { openTrainingGroups } from "./training-groups.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "training-data-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("a draw of the training queries", () => {
  /** The last characters of the queries that are learnt, which tell them apart. */
  async function drawn(count: number, seed: number, collection: TrainingCollection = topicCollection()) {
    const { groups } = await prepareTrainingData(join(scratch, "data"), collection, {
      ...{ split: "train", negatives: "bm25", groupSize: 2, queries: { count, seed }, onPrepare: () => undefined },
      tokenizer: { encode: (text) => [...text].map((letter) => letter.charCodeAt(0)), vocabulary: [] },
    });
    const opened = openTrainingGroups(groups);
    const texts = Array.from({ length: opened.count }, (_, i) => String.fromCharCode(...opened.at(i).queryIds));
    opened.close();
    return texts;
  }

  it("has the fewer among the more, and is another for another seed", async () => {
    const two = await drawn(2, 1);
    const five = await drawn(5, 1);
    expect([two.length, five.length]).toEqual([2, 5]);
    expect(five).toEqual(expect.arrayContaining(two));
    expect(await drawn(5, 2)).not.toEqual(five);
    expect(await drawn(8, 1)).toHaveLength(8);
  });

  it("is the same whatever order the queries are in", async () => {
    const reversed = topicCollection({ queries: topicContents().queries.toReversed() });
    expect((await drawn(3, 1, reversed)).sort()).toEqual((await drawn(3, 1)).sort());
  });

  it("cannot have more than there are", async () => {
    await expect(drawn(9, 1)).rejects.toThrow("topics, split train: 8 queries have a relevant document, not 9");
  });
});
