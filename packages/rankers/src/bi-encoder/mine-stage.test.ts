import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Document } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectionOf } from "../../test/collections.ts";
import { readNegatives } from "../negatives/jsonl.ts";
import { mineForStage } from "./mine-stage.ts";
import { readRecipe } from "./recipe.ts";

const tiny = fileURLToPath(new URL("../../test/oracle/bi-encoder/tiny", import.meta.url));
const documents: Document[] = ["oil", "pump", "wing", "river"].map((topic) => ({ id: topic, title: "", text: topic }));
const qrels: Qrels = new Map([["oil", new Map([["pump", 1]])]]);
const queries = documents.map(({ id, text }) => ({ id, text })); // queries are documents
const collection = collectionOf("quora", { documents, queries, qrels });

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rankers-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("mineForStage", () => {
  it.each([
    [false, ["oil", "river", "wing"]],
    [true, ["river", "wing"]],
  ])("leaves out the document that is the query when told to: dropSelf %j", async (dropSelf, expected) => {
    const [stage] = readRecipe([
      { name: "mined", maxTokens: 16, negatives: { mine: { depth: 4, keep: 4, dropSelf } } },
    ]);
    const { mine: mining } = stage!.negatives as { mine: never };
    const file = join(scratch, `${dropSelf}.jsonl`);
    const report = await mineForStage(file, {
      ...{ stage: stage!, mining, model: tiny, collection, threads: 1 },
      tell: () => undefined,
    });
    expect(report.negatives).toBe(expected.length);
    for await (const { documentIds } of readNegatives(file, qrels)) expect([...documentIds].sort()).toEqual(expected);
  });
});
