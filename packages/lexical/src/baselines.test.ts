import { existsSync } from "node:fs";
import { join } from "node:path";
import { documentText, openCollection, queriesOf } from "@propria/collection";
import { evaluate } from "@propria/metrics";
import { analyzer } from "@propria/tokenizer";
import { describe, expect, it } from "vitest";
import { bm25, buildIndex, type InvertedIndex, type Model, queryLikelihood, searchAll } from "./index.ts";

const data = process.env.PROPRIA_DATA ?? "";

// nDCG@10 of BM25 (k1 0.9, b 0.4) on the test split, by another program over the same files: plain and Porter.
// Beside them what this package's query likelihood (μ 1000) gives: no reference, a guard against change.
const EXPECTED = [
  ["cranfield", 0.3163, 0.342, 0.2938, 0.3179],
  ["cacm", 0.4534, 0.4905, 0.4545, 0.4971],
  ["cisi", 0.3272, 0.3605, 0.3442, 0.3783],
  ["npl", 0.3807, 0.4378, 0.3056, 0.3309],
  ["time", 0.6994, 0.7092, 0.7064, 0.7173],
  ["wikiqa", 0.484, 0.5112, 0.5067, 0.5255],
] as const;
const TOLERANCE = 0.003; // ties and rounding differ between programs
const SPLIT = "test";

describe.each(EXPECTED)("%s", (name, bm25Plain, bm25Porter, likelihoodPlain, likelihoodPorter) => {
  const folder = join(data, name);
  it.skipIf(!existsSync(folder))(
    "gives the known nDCG@10 with BM25 and query likelihood, plain and with Porter stems",
    async () => {
      const plain = await index(folder, false);
      const porter = await index(folder, true);
      const found = [
        await ndcgAt10(folder, (query) => bm25(plain, query)),
        await ndcgAt10(folder, (query) => bm25(porter, query)),
        await ndcgAt10(folder, (query) => queryLikelihood(plain, query)),
        await ndcgAt10(folder, (query) => queryLikelihood(porter, query)),
      ];
      for (const [i, expected] of [bm25Plain, bm25Porter, likelihoodPlain, likelihoodPorter].entries()) {
        expect(Math.abs(found[i]! - expected), `${i}: ${found[i]} for ${expected}`).toBeLessThanOrEqual(TOLERANCE);
      }
    },
  );
});

// Likewise, over single characters and pairs.
const CHINESE = [
  ["xquad-zh", 0.9665],
  ["cmrc2018", 0.9821],
] as const;

describe.each(CHINESE)("%s", (name, expected) => {
  const folder = join(data, name);
  it.skipIf(!existsSync(folder))(
    "gives the known nDCG@10 with BM25, without being told that it is Chinese",
    async () => {
      const built = await index(folder, false);
      const found = await ndcgAt10(folder, (query) => bm25(built, query));
      expect(Math.abs(found - expected), `${found} for ${expected}`).toBeLessThanOrEqual(TOLERANCE);
    },
  );
});

async function index(folder: string, stem: boolean): Promise<InvertedIndex> {
  return buildIndex(texts(folder), { analyzer: analyzer({ stem }) });
}

async function* texts(folder: string) {
  for await (const document of (await openCollection(folder)).documents()) {
    yield { id: document.id, text: documentText(document) };
  }
}

async function ndcgAt10(folder: string, model: Model): Promise<number> {
  const collection = await openCollection(folder);
  const run = await searchAll(await queriesOf(collection, SPLIT), model);
  return evaluate(await collection.qrels(SPLIT), run, ["nDCG@10"]).mean["nDCG@10"]!;
}
