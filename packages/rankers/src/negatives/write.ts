/** Mined negatives to a file of JSON lines, which fine-tuning and other programs read. */
import { writeFileAtomically } from "@propria/base";
import type { MinedQuery } from "./mine.ts";

/** What a mining gave. */
export interface MiningReport {
  /** Queries with a positive. */
  queries: number;
  /** Of those, with fewer negatives than were to be kept. */
  short: number;
  /** Of those, with a positive within the depth: the ones whose candidates can be compared with it. */
  positiveFound: number;
  /** Of those, without. */
  positiveNotFound: number;
  /** Negatives in all. */
  negatives: number;
  /** Candidates of the queries with a positive found. */
  compared: number;
  /** Of those, the ones that are likely relevant though not judged; see `falseNegativeMargin`. */
  likelyFalse: number;
}

/** How negatives are written. */
export interface WriteNegativesOptions {
  /** Write the scores too, as `negative_scores`; default false. */
  scores?: boolean;
}

/**
 * Writes `{"query_id": "q1", "negative_document_ids": ["d7", "d2"]}`, a line for each query as it comes, compressed where the path ends in
 * `.gz`. The file is whole or not there.
 *
 * @throws {PropriaError} What the mining throws, and `writeFileAtomically`.
 */
export async function writeNegatives(
  path: string,
  mined: AsyncIterable<MinedQuery> | Iterable<MinedQuery>,
  { scores = false }: WriteNegativesOptions = {},
): Promise<MiningReport> {
  const report = {
    queries: 0,
    short: 0,
    positiveFound: 0,
    positiveNotFound: 0,
    negatives: 0,
    compared: 0,
    likelyFalse: 0,
  };
  async function* lines() {
    for await (const query of mined) {
      report.queries++;
      report.short += Number(query.short);
      report.positiveFound += Number(query.positiveFound);
      report.positiveNotFound += Number(!query.positiveFound);
      report.negatives += query.documentIds.length;
      report.compared += query.positiveFound ? query.candidates : 0;
      report.likelyFalse += query.likelyFalse;
      const line = { query_id: query.queryId, negative_document_ids: query.documentIds };
      yield `${JSON.stringify(scores ? { ...line, negative_scores: query.scores } : line)}\n`;
    }
  }
  await writeFileAtomically(path, lines());
  return report;
}
