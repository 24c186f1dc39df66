import type { Qrels } from "@propria/metrics";
import type { Document, Query } from "./document.ts";

/** Documents that can be read from the beginning any number of times, in one order. */
export interface Corpus {
  readonly name: string;
  documents(): AsyncIterable<Document>;
}

/** A corpus with queries and judgments. */
export interface Collection extends Corpus {
  queries(): AsyncIterable<Query>;
  /** Judgments of a split. @throws {PropriaError} `UNKNOWN_SPLIT`, with the splits there are. */
  qrels(split: string): Promise<Qrels>;
  splits(): Promise<string[]>;
  /** What the reader left out, counted by reason; only where a reader leaves something out. */
  omitted?(): Promise<Record<string, number>>;
}

/** Opens a collection: a folder in BEIR layout, or `packages:FOLDER`. */
export async function openCollection(spec: string): Promise<Collection> {
  throw new Error(`not there yet: ${spec}`);
}

/** Opens documents alone: any collection, a folder of `*.jsonl[.gz]` parts, or one such file. */
export async function openCorpus(spec: string): Promise<Corpus> {
  throw new Error(`not there yet: ${spec}`);
}

/** The queries that have a judgment in a split, in the order of the queries file. */
export async function queriesOf(collection: Collection, split: string): Promise<Query[]> {
  throw new Error(`not there yet: ${collection.name} ${split}`);
}
