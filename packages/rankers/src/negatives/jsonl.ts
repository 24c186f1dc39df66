/** Negatives from a file of JSON lines, as mining writes them and as Tevatron reads them. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { PropriaError } from "@propria/base";
import type { Qrels } from "@propria/metrics";
import { z } from "zod";
import { type NegativesOptions, positivesOf, type QueryNegatives } from "./negatives.ts";
import { negativesOfRanking } from "./sample.ts";

/** Tevatron's names; other members of a line are passed over. */
const line = z.object({ query_id: z.string(), negative_document_ids: z.array(z.string()) });

/**
 * The lines of a file like `{"query_id": "q1", "negative_document_ids": ["d7", "d2"]}`, plain or `.gz`, for the queries
 * that have a positive. Judged positives among them are taken out, the rest is cut and drawn from like a ranking.
 *
 * @throws {PropriaError} `NEGATIVES_LINE` with file and line: no JSON, a member absent, a query's second line.
 *   `NEGATIVES_FILE` for a file that cannot be read or ends in the middle of its compression.
 */
export async function* readNegatives(
  path: string,
  qrels: Qrels,
  { depth = Number.POSITIVE_INFINITY, ...options }: NegativesOptions = {},
): AsyncGenerator<QueryNegatives> {
  const seen = new Set<string>();
  let number = 0;
  for await (const text of linesOf(path)) {
    number++;
    if (text.trim() === "") continue;
    const { query_id, negative_document_ids } = parse(text, `${path}:${number}`);
    if (seen.has(query_id))
      throw new PropriaError("NEGATIVES_LINE", `query ${query_id} stands in an earlier line too`, {
        at: `${path}:${number}`,
        mend: "one line for each query",
      });
    seen.add(query_id);
    if (positivesOf(qrels, query_id).length > 0)
      yield negativesOfRanking(query_id, negative_document_ids, qrels, { depth, ...options });
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  if (input !== file) file.on("error", (error) => input.destroy(error)); // pipe does not hand errors on
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    throw new PropriaError("NEGATIVES_FILE", `cannot be read: ${(cause as Error).message}`, { at: path, cause });
  } finally {
    file.destroy();
  }
}

function parse(text: string, at: string): z.output<typeof line> {
  const mend = 'write: {"query_id": "…", "negative_document_ids": ["…"]}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PropriaError("NEGATIVES_LINE", `is not JSON: ${(cause as Error).message}`, { at, mend, cause });
  }
  const parsed = line.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PropriaError("NEGATIVES_LINE", `${issue!.path.join(".")}: ${issue!.message}`, {
      at,
      mend,
      cause: parsed.error,
    });
  }
  return parsed.data;
}
