/** The documents that training reads: a store on disk, and BM25's index over it. */
import { rm } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { type Document, DocumentStore, documentText } from "@propria/collection";
import { buildIndex } from "@propria/lexical";
import type { JudgedQueries } from "./judged-queries.ts";

/** The part of a collection that training reads. */
export interface TrainingCollection extends JudgedQueries {
  documents(): AsyncIterable<Document>;
}

/** What is being done before training, and how much of it is done: documents, and for negatives and candidates queries. */
export interface Preparation {
  stage: "words" | "vectors" | "documents" | "index" | "negatives" | "candidates";
  done: number;
}

/** The documents of a collection on disk, copied anew. */
export async function documentStore(
  folder: string,
  collection: TrainingCollection,
  onPrepare: (preparation: Preparation) => void,
): Promise<DocumentStore> {
  async function* counted() {
    let done = 0;
    for await (const document of collection.documents()) {
      yield document;
      onPrepare({ stage: "documents", done: ++done });
    }
  }
  await rm(folder, { recursive: true, force: true });
  return DocumentStore.create(folder, counted());
}

/** BM25's index over them. */
export const indexOf = (documents: DocumentStore, onPrepare: (preparation: Preparation) => void) =>
  buildIndex(indexed(documents), { onProgress: (done) => onPrepare({ stage: "index", done }) });

async function* indexed(documents: DocumentStore) {
  let done = 0;
  for await (const document of documents.documents()) {
    yield { id: document.id, text: documentText(document) };
    if (++done % DOCUMENTS_BETWEEN_TURNS === 0) await setImmediate();
  }
}

/** Indexing waits for nothing; without a turn of the event loop now and then nobody could stop it or see how far it is. */
const DOCUMENTS_BETWEEN_TURNS = 256;
