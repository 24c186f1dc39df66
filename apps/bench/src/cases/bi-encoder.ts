/** Fine-tuning MiniLM as a bi-encoder on wikiqa, with the pairs and settings of sentence-transformers' MultipleNegativesRankingLoss. */

import { seeded } from "@propria/base";
import { type Collection, documentText } from "@propria/collection";
import { buildIndex } from "@propria/lexical";
import { evaluate, type Qrels } from "@propria/metrics";
import { bm25Negatives, finetuneBiEncoder, openBiEncoder, type TrainingCollection } from "@propria/rankers";
import { type BenchCase, type CaseOptions, rowOf } from "../bench-case.ts";
import {
  givenModel,
  namedCollection,
  ourRun,
  textsOf,
  theirRun,
  withSentenceTransformers,
} from "../sentence-transformers.ts";

const SETTINGS = { batch: 16, learningRate: 2e-5, maxTokens: 256, seed: 0 };
const WARMUP = 0.1; // of the steps
const EPOCHS = 3;
const NEGATIVES_DEPTH = 50; // of BM25

export const biEncoderCase: BenchCase = {
  name: "bi-encoder",
  description: "fine-tuning MiniLM on wikiqa and testing it, against sentence-transformers; needs --model and --data",
  run(options: CaseOptions) {
    const init = givenModel(options);
    return withSentenceTransformers(options, init, async (peered) => {
      const collection = await namedCollection("wikiqa", options);
      const examples = await trainingExamples(collection);
      const request = {
        ...SETTINGS,
        ...{ train: peered.file("examples.json", await columnsOf(collection, examples)), warmup: WARMUP },
      };
      const ourTurn = (epochs: number, name: string) =>
        trained(collection, examples, { init, epochs, out: peered.file(name) }, options);
      const theirTurn = (epochs: number) => peered.peer.ask<{ seconds: number; loss: number }>({ ...request, epochs });

      // Speed: whole epochs, for our batches are of one length each and a part of an epoch has other lengths.
      const pairs: { ours: number; theirs: number }[] = [];
      for (let round = 0; round < options.rounds; round++) {
        const perSecond = ({ seconds }: { seconds: number }) => examples.length / seconds;
        const ours = perSecond(await ourTurn(1, `round-${round}`));
        const theirs = perSecond(await theirTurn(1));
        pairs.push({ ours, theirs });
        options.report(`bi-encoder, round ${round + 1}: ${ours.toFixed(1)} examples/s, peer ${theirs.toFixed(1)}`);
      }

      const texts = await textsOf(collection, "test");
      const qrels = await collection.qrels("test");
      const { loss } = await ourTurn(EPOCHS, "trained");
      const model = await openBiEncoder(peered.file("trained"), { threads: options.threads });
      const ours = quality(qrels, await ourRun(model, texts, options));
      await model.release();
      const there = await theirTurn(EPOCHS);
      const theirs = quality(qrels, await theirRun(peered, texts, "trained"));
      options.report(
        `bi-encoder, after ${EPOCHS} epochs: nDCG@10 ${ours.toFixed(4)}, peer ${theirs.toFixed(4)}; loss ${loss}, ${there.loss}`,
      );
      const what = { peer: peered.name, better: "higher" } as const;
      return [
        rowOf({ ...what, name: "bi-encoder training", unit: "examples/s" }, pairs),
        rowOf({ ...what, name: "bi-encoder wikiqa", unit: "nDCG@10" }, [{ ours, theirs }]),
      ];
    });
  },
};

const quality = (qrels: Qrels, run: Parameters<typeof evaluate>[1]) =>
  evaluate(qrels, run, ["nDCG@10"]).mean["nDCG@10"]!;

interface TrainingExample {
  queryId: string;
  positive: string;
  negative: string;
}

/** Every relevant pair of the train split, with one of BM25's top 50 that is not judged relevant. */
async function trainingExamples(collection: Collection): Promise<TrainingExample[]> {
  const qrels = await collection.qrels("train");
  const index = await buildIndex(indexed(collection));
  const examples: TrainingExample[] = [];
  for await (const { queryId, documentIds } of bm25Negatives(index, collection.queries(), qrels, {
    depth: NEGATIVES_DEPTH,
  })) {
    const positives = [...qrels.get(queryId)!].filter(([, grade]) => grade >= 1);
    const order = seeded(0, "negative", queryId).permutation(documentIds.length);
    for (const [i, [positive]] of positives.entries())
      if (i < order.length) examples.push({ queryId, positive, negative: documentIds[order[i]!]! });
  }
  return examples;
}

async function* indexed(collection: Collection) {
  for await (const document of collection.documents()) yield { id: document.id, text: documentText(document) };
}

/** The texts of the examples, as the peer's data set has them. */
async function columnsOf(collection: Collection, examples: readonly TrainingExample[]) {
  const texts = new Map<string, string>();
  for await (const { id, text } of indexed(collection)) texts.set(id, text);
  const queries = new Map<string, string>();
  for await (const { id, text } of collection.queries()) queries.set(id, text);
  return {
    anchor: examples.map(({ queryId }) => queries.get(queryId)!),
    positive: examples.map(({ positive }) => texts.get(positive)!),
    negative: examples.map(({ negative }) => texts.get(negative)!),
  };
}

/**
 * Our side: each positive of a query is an example, with one of as many negatives. Which of a query's negatives goes with which of its
 * positives may differ from the peer's. The peer keeps a query's examples in
 * different batches, we leave the other positive out of the loss.
 */
async function trained(
  collection: Collection,
  examples: readonly TrainingExample[],
  { init, out, epochs }: { init: string; out: string; epochs: number },
  { threads }: CaseOptions,
): Promise<{ seconds: number; loss: number }> {
  const byQuery = new Map<string, TrainingExample[]>();
  for (const example of examples) byQuery.set(example.queryId, [...(byQuery.get(example.queryId) ?? []), example]);
  const triples: TrainingCollection = {
    name: collection.name,
    documents: () => collection.documents(),
    queries: () => collection.queries(),
    qrels: async () =>
      new Map([...byQuery].map(([id, all]) => [id, new Map(all.map(({ positive }) => [positive, 1]))])),
  };
  const { elapsedSeconds, loss } = await finetuneBiEncoder({
    ...SETTINGS,
    ...{ collection: triples, init, out, epochs, threads, warmupRatio: WARMUP, queryTokens: SETTINGS.maxTokens },
    ...{ groupSize: 2, pooling: "mean", similarity: "cosine", temperature: 0.05, remainder: "train" },
    positives: "each",
    negatives: () =>
      [...byQuery].map(([queryId, all]) => ({ queryId, documentIds: all.map(({ negative }) => negative) })),
  });
  return { seconds: elapsedSeconds, loss };
}
