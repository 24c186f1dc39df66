/** Search by matching words: BM25 and query likelihood, over counts or over a model's term weights. */
import { stat } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import type { Collection, Query } from "@propria/collection";
import {
  bm25,
  buildIndex,
  type IndexedDocument,
  type InvertedIndex,
  queryLikelihood,
  searchAll,
} from "@propria/lexical";
import type { ScoredDocument } from "@propria/metrics";
import { DEEP_CT_BM25 } from "@propria/rankers";
import { type Analyzer, analyzer, readStopWords } from "@propria/tokenizer";
import { readEcho } from "../flags/settings.ts";
import type { CommandContext } from "../program/command.ts";
import { given } from "../program/given.ts";
import type { ProgressDisplay } from "../program/progress.ts";
import { documentTexts } from "../steps/encode.ts";
import { indexDocuments } from "../steps/index-corpus.ts";
import { weighedDocuments } from "../term-weights/documents.ts";
import { readTermWeights } from "../term-weights/file.ts";
import { openWeigher } from "../term-weights/open.ts";
import type { Answers } from "./answers.ts";
import { requireJudged } from "./same-collection.ts";

/** The flags that this way of searching has. */
export interface WordFlags {
  bm25: boolean;
  k1: number | undefined;
  b: number | undefined;
  mu: number | undefined;
  stem: boolean;
  stopwords: string | undefined;
  termWeights: string | undefined;
  split: string;
  depth: number;
  backend: "onnx" | "cpu";
  threads: number | undefined;
}

/**
 * Indexes the collection and answers the queries.
 *
 * @throws {PropriaError} `OTHER_COLLECTION` for a file of term weights without a judged document.
 */
export async function searchWords(
  flags: WordFlags,
  collection: Collection,
  queries: readonly Query[],
  { progress, note }: Pick<CommandContext, "progress" | "note">,
): Promise<Answers> {
  const { tag, score } = await modelOf(flags);
  const stopWords = flags.stopwords === undefined ? undefined : await readStopWords(flags.stopwords);
  const index = await indexed(flags, collection, analyzer(given({ stem: flags.stem, stopWords })), progress);
  if (flags.termWeights !== undefined) {
    const documents = new Set(index.documentIds);
    const lacks = requireJudged({
      has: (id) => documents.has(id),
      ...{ at: flags.termWeights, collection: collection.name, split: flags.split },
      qrels: await collection.qrels(flags.split),
      mend: "weigh this collection: propria weigh --model DIR --corpus PATH --out FILE",
    });
    if (lacks !== undefined) note(lacks);
  }
  const step = progress.start("searching", "queries");
  let answered = 0;
  const run = await searchAll(queries, (query) => {
    const found = score(index, query);
    step.update(++answered, queries.length);
    return found;
  });
  step.end(`${answered} queries`);
  return { run, tag, documents: index.documentCount };
}

interface Model {
  /** The run's tag. */
  tag: string;
  score(index: InvertedIndex, query: string): ScoredDocument[];
}

async function modelOf({ bm25: asBm25, k1, b, mu, termWeights, depth }: WordFlags): Promise<Model> {
  if (!asBm25) return { tag: "ql", score: (index, query) => queryLikelihood(index, query, given({ mu, depth })) };
  const weighed = termWeights === undefined ? undefined : await bm25For(termWeights);
  const settings = { ...weighed, ...given({ k1, b, depth }) };
  return { tag: weighed ? "bm25-weighed" : "bm25", score: (index, query) => bm25(index, query, settings) };
}

/** The settings that go with the weights in a file: `weigh` notes them beside it. */
async function bm25For(termWeights: string): Promise<{ k1: number; b: number }> {
  return ((await readEcho(termWeights))?.bm25 as { k1: number; b: number } | undefined) ?? DEEP_CT_BM25.none;
}

/** @throws {PropriaError} `NOT_FOUND` */
async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new PropriaError("NOT_FOUND", "no such file or folder", {
      at: path,
      mend: "give what propria weigh wrote, or a model that propria finetune term-weights trained",
      cause,
    });
  });
  return found.isFile();
}

async function indexed(
  { termWeights, backend, threads }: WordFlags,
  collection: Collection,
  analyze: Analyzer,
  progress: ProgressDisplay,
): Promise<InvertedIndex> {
  const make = (documents: AsyncIterable<IndexedDocument>) => indexDocuments(documents, analyze, progress);
  if (termWeights === undefined) return make(documentTexts(collection)());
  if (await isFile(termWeights)) return make(readTermWeights(termWeights));
  const model = await openWeigher(termWeights, given({ backend, threads }));
  try {
    const documents = weighedDocuments(model, collection, { progress, counts: { skipped: 0 } });
    return await buildIndex(documents, { analyzer: analyze }); // the bar is that of weighing
  } finally {
    await model.release();
  }
}
