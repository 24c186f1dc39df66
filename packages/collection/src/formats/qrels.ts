import { PropriaError, writeFileAtomically } from "@propria/base";
import type { Qrels } from "@propria/metrics";
import { isNoField, readColumns } from "./columns.ts";
import { noField } from "./records.ts";

/** `trec`: `query 0 document grade`; `beir`: a header and `query document grade` with tabs. */
export type QrelsFormat = "trec" | "beir";

const FORMS = { 3: "write: query document grade", 4: "write: query 0 document grade" };
const BEIR_HEADER = "query-id\tcorpus-id\tscore";

/**
 * Reads judgments: TREC's four columns, or BEIR's three with or without the header; the first line tells which. Plain or gzip.
 *
 * @throws {PropriaError} `QRELS_LINE` for a line with other columns, a grade that is no whole number, or a pair that was there before;
 *   `EMPTY`; and those of `readLines`.
 */
export async function readQrels(path: string): Promise<Qrels> {
  const qrels: Qrels = new Map();
  let columns: 3 | 4 | undefined;
  await readColumns(path, (fields, at) => {
    if (columns === undefined) {
      columns = fields.length === 3 ? 3 : 4;
      if (columns === 3 && fields[0] === "query-id") return;
    }
    if (fields.length !== columns)
      throw new PropriaError("QRELS_LINE", `expected ${columns} fields, found ${fields.length}`, {
        at: at(),
        mend: FORMS[columns],
      });
    const [queryId, documentId, grade] = [fields[0]!, fields[columns - 2]!, Number(fields[columns - 1])];
    if (!Number.isSafeInteger(grade))
      throw new PropriaError("QRELS_LINE", `the grade is "${fields[columns - 1]}"`, {
        at: at(),
        mend: "a whole number",
      });
    const judged = qrels.get(queryId) ?? new Map<string, number>();
    qrels.set(queryId, judged);
    if (judged.has(documentId))
      throw new PropriaError("QRELS_LINE", `document "${documentId}" was judged before for query "${queryId}"`, {
        at: at(),
      });
    judged.set(documentId, grade);
  });
  if (qrels.size === 0) throw new PropriaError("EMPTY", "there is no judgment in it", { at: path });
  return qrels;
}

/**
 * Writes judgments, whole or not at all; compressed where the path ends in `.gz`. Without `format`, `.tsv[.gz]` is `beir` and all else `trec`.
 *
 * @throws {PropriaError} `ID_SPACE` for an id that would not come back; those of `writeFileAtomically`.
 */
export async function writeQrels(path: string, qrels: Qrels, { format }: { format?: QrelsFormat } = {}): Promise<void> {
  await writeFileAtomically(path, qrelsLines(qrels, format ?? (/\.tsv(\.gz)?$/.test(path) ? "beir" : "trec"), path));
}

function* qrelsLines(qrels: Qrels, format: QrelsFormat, path: string): Generator<string> {
  if (format === "beir") yield `${BEIR_HEADER}\n`;
  for (const [queryId, judged] of qrels) {
    let lines = "";
    for (const [documentId, grade] of judged) {
      const bad = [queryId, documentId].find(isNoField);
      if (bad !== undefined) throw noField(bad, path);
      lines += format === "beir" ? `${queryId}\t${documentId}\t${grade}\n` : `${queryId} 0 ${documentId} ${grade}\n`;
    }
    yield lines;
  }
}
