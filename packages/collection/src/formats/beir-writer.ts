import { join } from "node:path";
import { writeFileAtomically, writeFolderAtomically } from "@propria/base";
import type { Qrels } from "@propria/metrics";
import type { Document, Query } from "../document.ts";
import { writeQrels } from "./qrels.ts";
import { documentLine, queryLine } from "./records.ts";

/** What a folder in BEIR layout holds. */
export interface BeirContents {
  documents: Iterable<Document> | AsyncIterable<Document>;
  queries?: Iterable<Query> | AsyncIterable<Query>;
  /** Split → judgments. */
  qrels?: Readonly<Record<string, Qrels>>;
}

/**
 * Writes a new folder in BEIR layout, whole or not at all: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`. Streams.
 *
 * @param options.gzip Whether the first two are `.gz`.
 * @throws {PropriaError} `OUT_EXISTS` when the folder exists and is not empty; those of `writeFileAtomically`.
 */
export async function writeBeir(
  folder: string,
  { documents, queries, qrels = {} }: BeirContents,
  { gzip = false }: { gzip?: boolean } = {},
): Promise<void> {
  const ending = gzip ? ".jsonl.gz" : ".jsonl";
  await writeFolderAtomically(folder, async (temporary) => {
    await writeFileAtomically(join(temporary, `corpus${ending}`), lines(documents, documentLine));
    if (queries) await writeFileAtomically(join(temporary, `queries${ending}`), lines(queries, queryLine));
    for (const [split, judgments] of Object.entries(qrels))
      await writeQrels(join(temporary, "qrels", `${split}.tsv`), judgments);
  });
}

async function* lines<T>(items: Iterable<T> | AsyncIterable<T>, line: (item: T) => string): AsyncGenerator<string> {
  for await (const item of items) yield line(item);
}
