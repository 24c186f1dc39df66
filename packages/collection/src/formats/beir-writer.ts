import type { Qrels } from "@propria/metrics";
import type { Document, Query } from "../document.ts";

export interface BeirContents {
  documents: Iterable<Document> | AsyncIterable<Document>;
  queries?: Iterable<Query> | AsyncIterable<Query>;
  /** Split → judgments. */
  qrels?: Readonly<Record<string, Qrels>>;
}

/** Writes a new folder in BEIR layout, whole or not at all. */
export async function writeBeir(folder: string, contents: BeirContents, { gzip = false } = {}): Promise<void> {
  throw new Error(`not there yet: ${folder} ${contents} ${gzip}`);
}
