/** From a collection to DeepCT's training passages: those relevant to some query, with how many of their queries hold each word. */
import { setImmediate } from "node:timers/promises";
import { PropriaError } from "@propria/base";
import { documentText } from "@propria/collection";
import type { Tokenizer } from "@propria/tokenizer";
import { requireJudged, withPositives } from "../judged-queries.ts";
import { positivesOf } from "../negatives/negatives.ts";
import type { TrainingCollection } from "../training-documents.ts";
import { passageRows, type RowOptions } from "./passage-rows.ts";
import { queryTermRecall, type Stems, wordTarget } from "./target.ts";
import type { TrainingPassage } from "./training-passage-file.ts";

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
  collection: TrainingCollection,
  { split, tokenizer, stems, onDocument, ...rows }: PassageOptions,
): AsyncGenerator<TrainingPassage> {
  const at = `${collection.name}, split ${split}`;
  const left = await queriesByDocument(collection, split);
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
async function queriesByDocument(collection: TrainingCollection, split: string): Promise<Map<string, string[]>> {
  const qrels = await collection.qrels(split);
  const seen = new Set<string>();
  const texts = new Map<string, string[]>();
  for await (const { id, text } of withPositives(collection, qrels)) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const documentId of positivesOf(qrels, id)) {
      const queries = texts.get(documentId);
      if (queries) queries.push(text);
      else texts.set(documentId, [text]);
    }
  }
  requireJudged(seen, qrels, { name: collection.name, split });
  return texts;
}
