/** Candidates: the documents of each query that a ranker puts in order. */
import { setImmediate } from "node:timers/promises";
import { PropriaError } from "@propria/base";
import { type DocumentStore, type Query, readRun } from "@propria/collection";
import { bm25, type InvertedIndex } from "@propria/lexical";
import { type Run, ranked } from "@propria/metrics";

/** Whose top is re-ranked: BM25's answer, or a TREC run's. */
export type CandidatesChoice = "bm25" | { file: string };

/** Where candidates are looked for. */
export interface CandidateSearch {
  documents: DocumentStore;
  /** BM25's index, made when it is asked for. */
  index(): Promise<InvertedIndex>;
  depth: number;
  /** Of the queries, for errors. */
  split: string;
  /** Called with the queries answered so far. */
  onProgress(queries: number): void;
}

/**
 * The top `depth` for every query that has an answer.
 *
 * @throws {PropriaError} `QUERY_UNKNOWN`, `DOCUMENT_UNKNOWN` for a run over another collection or split; what `readRun` throws.
 */
export async function findCandidates(
  queries: readonly Query[],
  choice: CandidatesChoice,
  { documents, index, depth, split, onProgress }: CandidateSearch,
): Promise<Run> {
  const candidates: Run = new Map();
  const given = choice === "bm25" ? undefined : await readRun(choice.file);
  for (const { id, text } of queries) {
    const answer = given ? given.get(id) : bm25(await index(), text, { depth });
    if (answer) candidates.set(id, ranked(answer).slice(0, depth));
    onProgress(candidates.size);
    await setImmediate(); // without a turn of the event loop nobody could stop it or see how far it is
  }
  if (choice === "bm25") return candidates;
  if (candidates.size === 0)
    throw new PropriaError(
      "QUERY_UNKNOWN",
      `answers none of the ${queries.length} queries of split ${split}, not ${queries[0]?.id} either`,
      { at: choice.file, mend: "give a run over this collection and this split" },
    );
  for (const [queryId, list] of candidates)
    for (const { documentId } of list)
      if (documents.indexOf(documentId) === undefined)
        throw new PropriaError("DOCUMENT_UNKNOWN", `the corpus has no document ${documentId}`, {
          at: `${choice.file}, query ${queryId}`,
          mend: "give a run over this collection",
        });
  return candidates;
}
