/** From a collection to DeepCT's training passages: those relevant to some query, with how many of their queries hold each word. */
import { setImmediate } from "node:timers/promises";
import { PropriaError } from "@propria/base";
import { type Document, documentText, type Query } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import type { Tokenizer } from "@propria/tokenizer";
import { positivesOf } from "../negatives/negatives.ts";
import type { TrainingPassage } from "./passage-file.ts";
import { passageRows, type RowOptions } from "./passage-rows.ts";
import { queryTermRecall, type Stems, wordTarget } from "./target.ts";

/** The parts of a collection that are read. */
export interface PassageCollection {
  name: string;
  documents(): AsyncIterable<Document>;
  queries(): AsyncIterable<Query>;
  qrels(split: string): Promise<Qrels>;
}

/** What decides the passages. */
export interface PassageOptions extends RowOptions {
  split: string;
  tokenizer: Tokenizer;
  stems: Stems;
  /** Called for each document read. */
  onDocument: (done: number) => void;
}

/**
 * The rows of all passages with a relevant query, in the corpus' order; rows without a word are left out.
 *
 * @throws {PropriaError} `NO_TRAINING_QUERIES`; `QUERY_UNKNOWN` and `DOCUMENT_UNKNOWN` for judgements of what the collection lacks.
 */
export async function* trainingPassages(
  collection: PassageCollection,
  { split, tokenizer, stems, onDocument, ...rows }: PassageOptions,
): AsyncGenerator<TrainingPassage> {
  const at = `${collection.name}, split ${split}`;
  const left = await queriesByDocument(collection, split, at);
  let done = 0;
  for await (const document of collection.documents()) {
    onDocument(++done);
    if (done % DOCUMENTS_BETWEEN_TURNS === 0) await setImmediate();
    const queries = left.get(document.id);
    if (!queries) continue;
    left.delete(document.id);
    const recall = queryTermRecall(queries, stems);
    for (const { ids, words, positions } of passageRows(tokenizer, documentText(document), rows))
      if (words.length > 0) yield { ids, positions, targets: words.map((word) => wordTarget(word, recall, stems)) };
  }
  for (const documentId of left.keys())
    throw new PropriaError("DOCUMENT_UNKNOWN", `the corpus has no document ${documentId}`, { at });
}

/** Reading may wait for nothing; without a turn of the event loop now and then nobody could stop it or see how far it is. */
const DOCUMENTS_BETWEEN_TURNS = 256;

/** The texts of the queries for which each document is relevant. */
async function queriesByDocument(
  collection: PassageCollection,
  split: string,
  at: string,
): Promise<Map<string, string[]>> {
  const qrels = await collection.qrels(split);
  const left = new Set([...qrels.keys()].filter((queryId) => positivesOf(qrels, queryId).length > 0));
  if (left.size === 0)
    throw new PropriaError("NO_TRAINING_QUERIES", "no query has a relevant document", {
      at,
      mend: "name a split with judgements of grade 1 or above",
    });
  const texts = new Map<string, string[]>();
  for await (const { id, text } of collection.queries()) {
    if (!left.delete(id)) continue;
    for (const documentId of positivesOf(qrels, id)) {
      const queries = texts.get(documentId);
      if (queries) queries.push(text);
      else texts.set(documentId, [text]);
    }
  }
  for (const queryId of left)
    throw new PropriaError("QUERY_UNKNOWN", `query ${queryId} is judged but not among the queries`, { at });
  return texts;
}
