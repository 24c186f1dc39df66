/** Negatives from a file of JSON lines, as mining writes them and as Tevatron reads them. */
import { PropriaError } from "@propria/base";
import { readLines } from "@propria/collection";
import type { Qrels } from "@propria/metrics";
import { z } from "zod";
import { type NegativesOptions, positivesOf, type QueryNegatives } from "./negatives.ts";
import { negativesOfRanking } from "./sample.ts";

/** Tevatron's names; other members of a line are passed over. */
const form = z.object({ query_id: z.string(), negative_document_ids: z.array(z.string()) });

/**
 * The lines of a file like `{"query_id": "q1", "negative_document_ids": ["d7", "d2"]}`, plain or `.gz`, for the queries
 * that have a positive. Judged positives among them are taken out; what is left is cut and drawn from like a ranking, but
 * whole by default.
 *
 * @throws {PropriaError} `NEGATIVES_LINE` with file and line: no JSON, a member absent, a query's second line; what
 *   `readLines` throws for a file that cannot be read or is truncated.
 */
export async function* readNegatives(
  path: string,
  qrels: Qrels,
  { depth = Number.POSITIVE_INFINITY, ...options }: NegativesOptions = {},
): AsyncGenerator<QueryNegatives> {
  const seen = new Set<string>();
  for await (const { lines, firstNumber } of readLines(path))
    for (const [i, text] of lines.entries()) {
      if (text.trim() === "") continue;
      const at = `${path}:${firstNumber + i}`;
      const { query_id, negative_document_ids } = parse(text, at);
      if (seen.has(query_id))
        throw new PropriaError("NEGATIVES_LINE", `query ${query_id} stands in an earlier line too`, {
          at,
          mend: "one line for each query",
        });
      seen.add(query_id);
      if (positivesOf(qrels, query_id).length > 0)
        yield { ...negativesOfRanking(query_id, negative_document_ids, qrels, { depth, ...options }), at };
    }
}

function parse(text: string, at: string): z.output<typeof form> {
  const mend = 'write: {"query_id": "…", "negative_document_ids": ["…"]}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PropriaError("NEGATIVES_LINE", `is not JSON: ${(cause as Error).message}`, { at, mend, cause });
  }
  const { data, error } = form.safeParse(value);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw new PropriaError("NEGATIVES_LINE", [path.join("."), message].filter(Boolean).join(": "), {
    at,
    mend,
    cause: error,
  });
}
