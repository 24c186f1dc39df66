import { PropriaError, writeFileAtomically } from "@propria/base";
import { type Run, ranked, type ScoredDocument } from "@propria/metrics";
import { columnsOf, isNoField, readColumns } from "./columns.ts";
import { noField } from "./records.ts";

export interface RunOptions {
  /** The last column: the name of the system, one word; `propria`. */
  tag?: string;
}

const FORM = "write: query Q0 document rank score tag";
const COLUMNS = 6;

/** The answer to one query. */
export interface QueryRanking {
  queryId: string;
  documents: ScoredDocument[];
}

/**
 * Reads a run of TREC's six columns, plain or gzip. The documents of a query stand in the order of their rank column (where
 * one of them is no number, in that of the file); `ranked` of @propria/metrics puts them in the order of the scores, as trec_eval does.
 *
 * @throws {PropriaError} `RUN_LINE` for a line with other columns, a score that is no number, or a document that was
 *   there before; `EMPTY`; and those of `readLines`.
 */
export async function readRun(path: string): Promise<Run> {
  const queries = new Map<string, Reading>();
  await readColumns(path, (fields, at) => readInto(queries, fields, at));
  if (queries.size === 0) throw empty(path);
  return new Map([...queries].map(([queryId, query]) => [queryId, byRank(query)]));
}

/**
 * The same query by query, for runs larger than memory: a query comes when its last document is read, and is forgotten. Reads the file twice, first to count. Memory: the
 * queries' ids, and the documents of those that have begun and not ended, which is one where a query's lines stand together.
 *
 * @throws {PropriaError} As `readRun`.
 */
export async function* readRankings(path: string): AsyncGenerator<QueryRanking> {
  const left = new Map<string, number>();
  await readColumns(path, ([queryId]) => void left.set(queryId!, (left.get(queryId!) ?? 0) + 1));
  if (left.size === 0) throw empty(path);
  const queries = new Map<string, Reading>();
  for await (const columns of columnsOf(path))
    for (const { fields, at } of columns) {
      const queryId = readInto(queries, fields, at);
      left.set(queryId, left.get(queryId)! - 1);
      if (left.get(queryId) !== 0) continue;
      yield { queryId, documents: byRank(queries.get(queryId)!) };
      queries.delete(queryId);
    }
}

/** What is read of a query so far. */
interface Reading {
  ranks: number[];
  documents: ScoredDocument[];
  seen: Set<string>;
}

/** Adds a line's document to its query, and gives the query's id. */
function readInto(queries: Map<string, Reading>, fields: readonly string[], at: () => string): string {
  if (fields.length !== COLUMNS)
    throw new PropriaError("RUN_LINE", `expected ${COLUMNS} fields, found ${fields.length}`, { at: at(), mend: FORM });
  const [queryId, , documentId, rank, score] = fields as [string, string, string, string, string];
  if (Number.isNaN(Number(score)))
    throw new PropriaError("RUN_LINE", `the score is "${score}"`, { at: at(), mend: "a number" });
  const query = queries.get(queryId) ?? { ranks: [], documents: [], seen: new Set() };
  queries.set(queryId, query);
  if (query.seen.has(documentId))
    throw new PropriaError("RUN_LINE", `document "${documentId}" was there before for query "${queryId}"`, {
      at: at(),
    });
  query.seen.add(documentId);
  query.ranks.push(Number(rank));
  query.documents.push({ documentId, score: Number(score) });
  return queryId;
}

const empty = (path: string) => new PropriaError("EMPTY", "there is no line in it", { at: path, mend: FORM });

function byRank({ documents, ranks }: Reading): ScoredDocument[] {
  if (ranks.every((rank, i) => i === 0 || rank >= ranks[i - 1]!) || ranks.some(Number.isNaN)) return documents;
  const order = ranks.map((_, i) => i).sort((i, j) => ranks[i]! - ranks[j]!);
  return order.map((i) => documents[i]!);
}

/**
 * Writes a run of TREC's six columns, one in memory or query by query as it comes, whole or not at all; compressed where the path ends in `.gz`. Best first as trec_eval orders
 * them, ranks from 1, scores with all their digits, so that reading gives the same numbers.
 *
 * @throws {PropriaError} `ID_SPACE` for an id or tag that would not come back as one column; `RUN_SCORE` for a score
 *   that is no number; those of `writeFileAtomically`.
 */
export async function writeRun(
  path: string,
  run: Run | AsyncIterable<QueryRanking>,
  { tag = "propria" }: RunOptions = {},
): Promise<void> {
  if (isNoField(tag)) throw new PropriaError("ID_SPACE", `the tag "${tag}" is not one word`, { at: path });
  await writeFileAtomically(path, runLines(run, tag, path));
}

async function* rankingsOf(run: Run | AsyncIterable<QueryRanking>): AsyncGenerator<QueryRanking> {
  if (Symbol.asyncIterator in run) yield* run;
  else for (const [queryId, documents] of run) yield { queryId, documents };
}

async function* runLines(run: Run | AsyncIterable<QueryRanking>, tag: string, path: string): AsyncGenerator<string> {
  for await (const { queryId, documents } of rankingsOf(run)) {
    let lines = "";
    for (const [i, { documentId, score }] of ranked(documents).entries()) {
      const bad = [queryId, documentId].find(isNoField);
      if (bad !== undefined) throw noField(bad, path);
      if (Number.isNaN(score))
        throw new PropriaError(
          "RUN_SCORE",
          `the score of document "${documentId}" for query "${queryId}" is no number`,
          { at: path },
        );
      lines += `${queryId} Q0 ${documentId} ${i + 1} ${score} ${tag}\n`;
    }
    yield lines;
  }
}
