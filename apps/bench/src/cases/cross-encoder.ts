/** Fine-tuning MiniLM as a cross-encoder on wikiqa, with the pairs, loss, steps and rate of sentence-transformers' CrossEncoder. */
import { readFileSync } from "node:fs";
import { seeded } from "@propria/base";
import { type Collection, documentText } from "@propria/collection";
import { buildIndex } from "@propria/lexical";
import { evaluate } from "@propria/metrics";
import { bm25Negatives, finetuneCrossEncoder, openCrossEncoder, type TrainingCollection } from "@propria/rankers";
import { type BenchCase, type CaseOptions, rowOf } from "../bench-case.ts";
import { rankedPairs } from "../ranked-pairs.ts";
import { givenModel, namedCollection, withCrossEncoders } from "../sentence-transformers.ts";

const NEGATIVES = 3; // of a positive
const NEGATIVES_DEPTH = 50; // of BM25
const BATCH = 16; // pairs: of ours four queries with theirs
const EPOCHS = 2;
const WARMUP = 0.1; // of the steps
const SETTINGS = { learningRate: 2e-5, maxTokens: 256 };

export const crossEncoderCase: BenchCase = {
  name: "cross-encoder",
  description:
    "fine-tuning MiniLM as a cross-encoder on wikiqa and re-ranking by it, against sentence-transformers; needs --model and --data",
  run(options: CaseOptions) {
    const { threads, rounds, size, report } = options;
    const init = givenModel(options);
    return withCrossEncoders(options, async ({ peer, name, file }) => {
      const collection = await namedCollection("wikiqa", options);
      const groups = (await trainingGroups(collection)).slice(0, size);
      const pairs = groups.length * (1 + NEGATIVES) * EPOCHS;
      const ranked = await rankedPairs(collection, size);
      const qrels = await collection.qrels("test");
      const measured = (seconds: number, scores: ArrayLike<number>) => {
        const run = ranked.run(scores);
        const asked = new Map([...qrels].filter(([queryId]) => run.has(queryId))); // all, unless fewer were wanted
        return { speed: pairs / seconds, quality: evaluate(asked, run, ["nDCG@10"]).mean["nDCG@10"]! };
      };

      const ourTurn = async (seed: number) => {
        const out = file(`round-${seed}`);
        const { elapsedSeconds } = await trained(collection, groups, { init, out, seed, threads });
        const model = await openCrossEncoder(out, { threads });
        const scores = await model.score(ranked.pairs);
        await model.release();
        return measured(elapsedSeconds, scores);
      };
      const train = {
        ...{ train: file("train.json", await columnsOf(collection, groups)), model: init, batch: BATCH },
        ...{ ...SETTINGS, epochs: EPOCHS, warmup: WARMUP, positiveWeight: NEGATIVES },
      };
      const score = {
        score: file("test.json", { pairs: ranked.pairs.map(({ query, document }) => [query, document]) }),
        ...{ out: file("scores.f32"), model: null },
      };
      const theirTurn = async (seed: number) => {
        const { seconds } = await peer.ask<{ seconds: number }>({ ...train, seed });
        await peer.ask(score);
        const bytes = readFileSync(score.out);
        return measured(
          seconds,
          Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i)),
        );
      };

      const turns: { ours: Measured; theirs: Measured }[] = [];
      for (let seed = 0; seed < rounds; seed++) {
        const [ours, theirs] =
          seed % 2 === 0
            ? [await ourTurn(seed), await theirTurn(seed)]
            : [await theirTurn(seed), await ourTurn(seed)].reverse();
        turns.push({ ours: ours!, theirs: theirs! });
        const told = ({ speed, quality }: Measured) => `${speed.toFixed(1)} pairs/s, nDCG@10 ${quality.toFixed(4)}`;
        report(`cross-encoder, seed ${seed}: ${told(ours!)}; peer ${told(theirs!)}`);
      }
      const row = (what: { name: string; unit: string }, of: keyof Measured) =>
        rowOf(
          { ...what, peer: name, better: "higher" },
          turns.map(({ ours, theirs }) => ({ ours: ours[of], theirs: theirs[of] })),
        );
      return [
        row({ name: "cross-encoder training", unit: "pairs/s" }, "speed"),
        row({ name: "cross-encoder wikiqa", unit: "nDCG@10" }, "quality"),
      ];
    });
  },
};

interface Measured {
  /** Pairs a second while training. */
  speed: number;
  /** nDCG@10. */
  quality: number;
}

interface TrainingGroup {
  queryId: string;
  positive: string;
  negatives: string[];
}

/** The first relevant document of each training query, with three of BM25's top 50 that are not judged relevant. */
async function trainingGroups(collection: Collection): Promise<TrainingGroup[]> {
  const qrels = await collection.qrels("train");
  const index = await buildIndex(indexed(collection));
  const groups: TrainingGroup[] = [];
  const negatives = bm25Negatives(index, collection.queries(), qrels, { depth: NEGATIVES_DEPTH });
  for await (const { queryId, documentIds } of negatives) {
    const positive = [...qrels.get(queryId)!].find(([, grade]) => grade >= 1);
    const order = seeded(0, "negatives", queryId).permutation(documentIds.length);
    const drawn = [...order.subarray(0, NEGATIVES)].map((place) => documentIds[place]!);
    if (positive && drawn.length === NEGATIVES) groups.push({ queryId, positive: positive[0], negatives: drawn });
  }
  return groups;
}

async function* indexed(collection: Collection) {
  for await (const document of collection.documents()) yield { id: document.id, text: documentText(document) };
}

/** The pairs as the peer's data set has them. */
async function columnsOf(collection: Collection, groups: readonly TrainingGroup[]) {
  const texts = new Map<string, string>();
  for await (const { id, text } of indexed(collection)) texts.set(id, text);
  const queries = new Map<string, string>();
  for await (const { id, text } of collection.queries()) queries.set(id, text);
  const rows = groups.flatMap(({ queryId, positive, negatives }) =>
    [positive, ...negatives].map((id) => ({
      query: queries.get(queryId)!,
      text: texts.get(id)!,
      label: id === positive ? 1 : 0,
    })),
  );
  return {
    query: rows.map(({ query }) => query),
    text: rows.map(({ text }) => text),
    label: rows.map(({ label }) => label),
  };
}

/** Our side: a query's pairs stay together, where the peer shuffles pairs; the positive weighs as much as its negatives on both. */
function trained(
  collection: Collection,
  groups: readonly TrainingGroup[],
  { init, out, seed, threads }: { init: string; out: string; seed: number; threads: number },
) {
  const judged: TrainingCollection = {
    name: collection.name,
    documents: () => collection.documents(),
    queries: () => collection.queries(),
    qrels: async () => new Map(groups.map(({ queryId, positive }) => [queryId, new Map([[positive, 1]])])),
  };
  return finetuneCrossEncoder({
    ...SETTINGS,
    ...{ collection: judged, init, out, seed, threads, epochs: EPOCHS, warmupRatio: WARMUP },
    ...{ loss: "pointwise", groupSize: 1 + NEGATIVES, batch: BATCH / (1 + NEGATIVES) },
    negatives: () => groups.map(({ queryId, negatives }) => ({ queryId, documentIds: negatives })),
  });
}
