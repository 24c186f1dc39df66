/** From a collection to what the data worker reads: a document store, and a file of the training queries. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { PropriaError, seeded, writeFileAtomically } from "@propria/base";
import { type DocumentStore, readRun } from "@propria/collection";
import type { InvertedIndex } from "@propria/lexical";
import type { Qrels } from "@propria/metrics";
import type { Tokenizer } from "@propria/tokenizer";
import { requireJudged, withPositives } from "./judged-queries.ts";
import { type LabelOf, type Labels, labelsBy, withLabels } from "./labels.ts";
import { bm25Negatives } from "./negatives/bm25.ts";
import { readNegatives } from "./negatives/jsonl.ts";
import { type Negatives, type NegativesOptions, positivesOf, type QueryNegatives } from "./negatives/negatives.ts";
import { runNegatives } from "./negatives/run.ts";
import { documentStore, indexOf, type Preparation, type TrainingCollection } from "./training-documents.ts";
import { openTrainingGroups, type TrainingQuery, writeTrainingGroups } from "./training-groups.ts";
import { type PreparedValidation, prepareValidation, type ValidationSettings } from "./validation.ts";

/** Where negatives come from: BM25; a file, JSON lines or a TREC run by its name; or the caller. */
export type NegativesChoice = "bm25" | { file: string } | ((qrels: Qrels) => Negatives);

/** What decides the training data. */
export interface TrainingDataOptions {
  split: string;
  /** So many of its queries, drawn by the seed; default: all. */
  queries?: { count: number; seed: number } | undefined;
  negatives: NegativesChoice;
  /** Documents from the top of a ranking; default: what the kind of negatives has. */
  depth?: number | undefined;
  /** Kept of those, drawn by `seed`; default: all. Neither for a function: it cuts for itself. */
  keep?: number | undefined;
  seed?: number | undefined;
  /** A TREC run whose scores are to be learnt. */
  teacher?: string | undefined;
  groupSize: number;
  /** What grades mean; default `"binary"`. */
  labels?: Labels | undefined;
  tokenizer: Pick<Tokenizer, "encode" | "vocabulary">;
  /** Stands before each query. */
  queryPrefix?: string | undefined;
  validation?: ValidationSettings | undefined;
  onPrepare: (preparation: Preparation) => void;
}

/** Training data on disk. */
export interface TrainingData {
  /** Folder of the document store. */
  documents: string;
  corpusHash: string;
  /** File of the training queries. */
  groups: string;
  /** sha256 of that file. */
  groupsHash: string;
  /** Queries with a positive. */
  queries: number;
  /** Of those, with fewer negatives than a group needs. */
  shortOfNegatives: number;
  /** The most positives of a query. */
  mostPositives: number;
  /** The longest query, in pieces. */
  longestQuery: number;
  /** The share of all positives and negatives that the teacher scored; 0 without a teacher. */
  taught: number;
  validation?: PreparedValidation | undefined;
}

/**
 * Makes the training data in `folder`, or takes what an earlier call with the same negatives made there of the same corpus.
 *
 * @throws {PropriaError} `NO_TRAINING_QUERIES`, `TOO_FEW_QUERIES`; `QUERY_UNKNOWN` and `DOCUMENT_UNKNOWN` naming the id, for judgements and
 *   negatives of what the collection lacks, and for a file of negatives of other queries alone; `TOO_FEW_DOCUMENTS` for a corpus that cannot fill a group.
 */
export async function prepareTrainingData(
  folder: string,
  collection: TrainingCollection,
  options: TrainingDataOptions,
): Promise<TrainingData> {
  const given = await collection.qrels(options.split);
  const labelOf = labelsBy(options.labels ?? "binary", given);
  const qrels = withLabels(given, labelOf);
  const texts = await trainingQueries(collection, qrels, options);
  const documents = await documentStore(join(folder, "documents"), collection, options.onPrepare);
  let made: Promise<InvertedIndex> | undefined;
  const index = () => (made ??= indexOf(documents, options.onPrepare)); // negatives and validation share it
  try {
    const groups = join(folder, "queries.bin");
    const origin = await madeFrom(documents, qrels, texts, options);
    const note = join(folder, "made-from.txt"); // written last
    if (!existsSync(note) || (await readFile(note, "utf8")) !== origin) {
      await rm(note, { force: true });
      await writeTrainingGroups(
        groups,
        toNumbers(negativesBy(options, index, texts, qrels), { documents, texts, qrels, labelOf, options }),
      );
      if (origin !== "") await writeFileAtomically(note, origin);
    }
    const validation =
      options.validation &&
      (await prepareValidation(options.validation, collection, documents, {
        index,
        onProgress: (done) => options.onPrepare({ stage: "candidates", done }),
      }));
    const counts = measure(groups, options.groupSize - 1);
    const groupsHash = createHash("sha256")
      .update(await readFile(groups))
      .digest("hex");
    return { documents: documents.folder, corpusHash: documents.hash, groups, groupsHash, validation, ...counts };
  } finally {
    documents.close();
  }
}

/** The texts of the queries with a positive, or of those drawn from them, in the collection's order. */
async function trainingQueries(
  collection: TrainingCollection,
  qrels: Qrels,
  { split, queries }: TrainingDataOptions,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { id, text } of withPositives(collection, qrels)) texts.set(id, text);
  requireJudged(texts, qrels, { name: collection.name, split });
  if (queries === undefined) return texts;
  const { count, seed } = queries;
  if (count > texts.size)
    throw new PropriaError("TOO_FEW_QUERIES", `${texts.size} queries have a relevant document, not ${count}`, {
      at: `${collection.name}, split ${split}`,
      mend: "learn from fewer",
    });
  const drawn = firstOf([...texts.keys()], count, seed);
  return new Map([...texts].filter(([id]) => drawn.has(id)));
}

/** The first in an order that is drawn: of each query a number by the seed and its id, so the first ten are among the first fifty, whatever else there is. */
function firstOf(queryIds: readonly string[], count: number, seed: number): Set<string> {
  const places = queryIds.map((id) => ({ id, place: seeded(seed, "training queries", id)() }));
  places.sort((a, b) => a.place - b.place);
  return new Set(places.slice(0, count).map(({ id }) => id));
}

/** A text that is equal when the file of training queries would be; empty for negatives whose origin is the caller's secret. */
async function madeFrom(
  documents: DocumentStore,
  qrels: Qrels,
  texts: ReadonlyMap<string, string>,
  { negatives, depth, keep, seed, teacher, tokenizer, queryPrefix, labels = "binary" }: TrainingDataOptions,
): Promise<string> {
  if (typeof negatives === "function") return "";
  const origin = negatives === "bm25" ? negatives : await readFile(negatives.file);
  const graded = labels !== "binary";
  const judged = [...texts].map(([id, text]) => [
    ...[id, text, ...positivesOf(qrels, id)],
    ...(graded ? [[...qrels.get(id)!.values()]] : []),
  ]);
  const cut = [depth, keep, keep === undefined ? 0 : seed];
  const decisive = [documents.hash, judged, cut, tokenizer.vocabulary, queryPrefix, ...(graded ? [labels] : [])];
  const hash = createHash("sha256").update(JSON.stringify(decisive));
  if (teacher !== undefined) hash.update(await readFile(teacher));
  return hash.update(origin).digest("hex");
}

/** The negatives that were chosen, query by query. */
async function* negativesBy(
  { negatives, depth, keep, seed }: TrainingDataOptions,
  index: () => Promise<InvertedIndex>,
  texts: ReadonlyMap<string, string>,
  qrels: Qrels,
): Negatives {
  if (typeof negatives === "function") return yield* negatives(qrels);
  const cut: NegativesOptions = {
    ...(depth !== undefined && { depth }),
    ...(keep !== undefined && { keep }),
    ...(seed !== undefined && { seed }),
  };
  if (negatives !== "bm25") {
    const lines = /\.jsonl(\.gz)?$/.test(negatives.file);
    return yield* lines
      ? readNegatives(negatives.file, qrels, cut)
      : runNegatives(await readRun(negatives.file), qrels, cut);
  }
  yield* bm25Negatives(
    await index(),
    [...texts].map(([id, text]) => ({ id, text })),
    qrels,
    cut,
  );
}

interface Judged {
  documents: DocumentStore;
  texts: ReadonlyMap<string, string>;
  qrels: Qrels;
  labelOf: LabelOf;
  options: TrainingDataOptions;
}

/** Ids to the store's numbers, texts to pieces. Queries that the negatives leave out come last, with none. */
async function* toNumbers(
  negatives: Negatives,
  { documents, texts, qrels, labelOf, options }: Judged,
): AsyncGenerator<TrainingQuery> {
  const { tokenizer, groupSize, teacher, queryPrefix = "", onPrepare } = options;
  const left = new Map(texts);
  const taught = teacher === undefined ? undefined : await readRun(teacher);
  const number = (documentId: string, at: string): number => {
    const index = documents.indexOf(documentId);
    if (index === undefined)
      throw new PropriaError("DOCUMENT_UNKNOWN", `the corpus has no document ${documentId}`, {
        at,
        mend: "take it out, or add it to the corpus",
      });
    return index;
  };
  const file = typeof options.negatives === "object" ? options.negatives.file : undefined;
  const query = ({ queryId, documentIds, at }: QueryNegatives): TrainingQuery => {
    const positives = positivesOf(qrels, queryId);
    if (documents.size - positives.length < groupSize - 1)
      throw new PropriaError("TOO_FEW_DOCUMENTS", `${documents.size} documents do not fill a group of ${groupSize}`, {
        at: `query ${queryId}`,
        mend: "give a smaller group size",
      });
    const others = [...new Set(documentIds)].filter((id) => !positives.includes(id));
    const scores = taught && new Map(taught.get(queryId)?.map(({ documentId, score }) => [documentId, score]));
    return {
      queryIds: tokenizer.encode(queryPrefix + left.get(queryId)!),
      positives: positives.map((id) => number(id, `judgements of query ${queryId}`)),
      negatives: others.map((id) =>
        number(id, at ?? (file ? `${file}, query ${queryId}` : `negatives of query ${queryId}`)),
      ),
      labels:
        (options.labels ?? "binary") === "binary" ? [] : positives.map((id) => labelOf(qrels.get(queryId)!.get(id)!)),
      teacher: scores ? [...positives, ...others].map((id) => scores.get(id) ?? Number.NaN) : [],
    };
  };
  let done = 0;
  for await (const given of negatives) {
    if (!left.has(given.queryId)) continue; // of another split, or given before
    yield query(given);
    left.delete(given.queryId);
    onPrepare({ stage: "negatives", done: ++done });
    await setImmediate(); // likewise
  }
  if (file !== undefined && done === 0)
    throw new PropriaError(
      "QUERY_UNKNOWN",
      `has negatives of none of the ${left.size} training queries, not of ${[...left.keys()][0]} either`,
      { at: file, mend: "give negatives that were mined for this collection and this split" },
    );
  for (const queryId of left.keys()) yield query({ queryId, documentIds: [] });
}

/** What the file of training queries holds. */
function measure(path: string, needed: number) {
  const groups = openTrainingGroups(path);
  try {
    const found = { queries: groups.count, shortOfNegatives: 0, mostPositives: 0, longestQuery: 0 };
    let [scored, documents] = [0, 0];
    for (let item = 0; item < groups.count; item++) {
      const { queryIds, positives, negatives, teacher = [] } = groups.at(item);
      if (negatives.length < needed) found.shortOfNegatives++;
      found.mostPositives = Math.max(found.mostPositives, positives.length);
      found.longestQuery = Math.max(found.longestQuery, queryIds.length);
      documents += positives.length + negatives.length;
      scored += teacher.filter((score) => !Number.isNaN(score)).length;
    }
    return { ...found, taught: scored / documents };
  } finally {
    groups.close();
  }
}

/** How a model's provenance names its negatives. */
export const nameOf = (negatives: NegativesChoice): string =>
  typeof negatives === "function" ? "given" : negatives === "bm25" ? negatives : negatives.file;
