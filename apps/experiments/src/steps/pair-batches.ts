import { seeded } from "@propria/base";
import { type Collection, documentText, queriesOf } from "@propria/collection";
import type { Run } from "@propria/metrics";
import { type PairBatch, type PairLimits, packPair, queryPieces, runNegatives } from "@propria/rankers";
import type { Tokenizer } from "@propria/tokenizer";
import { collateContext, lengthBuckets } from "@propria/trainer";

/** Which pairs, and how many. */
export interface PairSettings extends PairLimits {
  split: string;
  batches: number;
  /** Queries of a batch. */
  batch: number;
  /** Draws queries and negatives. */
  seed: number;
}

/** Batches of a split's queries, each with a relevant document and then one of a run that is not, all of one width. */
export async function pairBatches(
  collection: Collection,
  run: Run,
  tokenizer: Tokenizer,
  { split, batches, batch, seed, ...limits }: PairSettings,
): Promise<PairBatch[]> {
  const qrels = await collection.qrels(split);
  const pairs = new Map<string, [relevant: string, other: string]>();
  for (const { queryId, documentIds } of runNegatives(run, qrels, { keep: 1, seed })) {
    const [relevant] = [...qrels.get(queryId)!].find(([, grade]) => grade > 0)!;
    if (documentIds[0] !== undefined) pairs.set(queryId, [relevant, documentIds[0]]);
  }
  const queries = (await queriesOf(collection, split)).filter(({ id }) => pairs.has(id));
  const drawn = [...seeded(seed, "queries").permutation(queries.length)]
    .slice(0, batches * batch)
    .map((place) => queries[place]!);
  const wanted = new Set(drawn.flatMap(({ id }) => pairs.get(id)!));
  const texts = new Map<string, string>();
  for await (const document of collection.documents())
    if (wanted.has(document.id)) texts.set(document.id, documentText(document));

  const rows = drawn.map(({ id, text }) => {
    const query = queryPieces(tokenizer, text, limits);
    return pairs.get(id)!.map((document) => packPair(tokenizer, query, texts.get(document)!, limits));
  });
  const { maxTokens: width } = limits;
  const { pad } = collateContext(lengthBuckets(width, batch), { bucketTokens: width, padId: tokenizer.padId });
  return Array.from({ length: Math.ceil(rows.length / batch) }, (_, i) => {
    const here = rows.slice(i * batch, (i + 1) * batch).flat();
    const tokenTypes = here.map(({ ids, querySegment }) => ids.map((_, place) => Number(place >= querySegment)));
    return pad(
      here.map(({ ids }) => ids),
      { width, tokenTypes },
    );
  });
}
