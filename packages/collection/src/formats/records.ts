/** Documents and queries as BEIR's JSON has them: `{"_id", "title", "text"}` and `{"_id", "text"}`. */
import { PropriaError } from "@propria/base";
import type { Document, Query } from "../document.ts";
import { isNoField } from "./columns.ts";
import { type JsonObject, jsonLines } from "./json-lines.ts";

const DOCUMENT_FORM = '{"_id": "d1", "title": "…", "text": "…"}';
const QUERY_FORM = '{"_id": "q1", "text": "…"}';

/**
 * The documents of files read one after the other as one corpus. Holds their ids, to find a duplicate.
 *
 * @throws {PropriaError} `JSON_LINE` for a line without `_id` or text, `ID_SPACE` for an `_id` that a run could not hold, `DUPLICATE_ID`, `EMPTY`
 *   when there is no document; with file and line.
 */
export async function* readDocuments(paths: readonly string[]): AsyncGenerator<Document> {
  const seen = new Set<string>();
  for (const path of paths)
    yield* jsonLines(path, DOCUMENT_FORM, (value, at) => {
      const id = newId(value, seen, DOCUMENT_FORM, at);
      const title = value.title ?? "";
      if (typeof title !== "string") throw notText("title", title, DOCUMENT_FORM, at);
      return { id, title, text: textOf(value, DOCUMENT_FORM, at) };
    });
  if (seen.size === 0) throw new PropriaError("EMPTY", "there is no document in it", { at: paths.join(", ") });
}

/** @throws As `readDocuments`. */
export async function* readQueries(path: string): AsyncGenerator<Query> {
  const seen = new Set<string>();
  yield* jsonLines(path, QUERY_FORM, (value, at) => ({
    id: newId(value, seen, QUERY_FORM, at),
    text: textOf(value, QUERY_FORM, at),
  }));
  if (seen.size === 0) throw new PropriaError("EMPTY", "there is no query in it", { at: path });
}

/** Lines for files. */
export const documentLine = ({ id, title, text }: Document): string => `${JSON.stringify({ _id: id, title, text })}\n`;
export const queryLine = ({ id, text }: Query): string => `${JSON.stringify({ _id: id, text })}\n`;

/** The error for an id that would not come back from a run or from judgments, whose columns are apart by spaces. */
export function noField(id: string, at?: string): PropriaError {
  const what = id === "" ? "is empty" : id.startsWith("#") ? "begins with #" : "has spaces";
  return new PropriaError("ID_SPACE", `the id ${JSON.stringify(id)} ${what}`, {
    ...(at !== undefined && { at }),
    mend: "write it as one word, the same in judgments and runs, whose columns are apart by spaces",
  });
}

/** Whole numbers are taken as ids, as some exporters write them. */
function newId({ _id: id }: JsonObject, seen: Set<string>, form: string, at: () => string): string {
  const text = Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text !== "string")
    throw new PropriaError("JSON_LINE", id === undefined ? 'no "_id"' : '"_id" is no text', {
      at: at(),
      mend: `a line is ${form}`,
    });
  if (isNoField(text)) throw noField(text, at());
  if (seen.has(text))
    throw new PropriaError("DUPLICATE_ID", `the id "${text}" was there before`, { at: at(), mend: "every _id once" });
  seen.add(text);
  return text;
}

function textOf({ text }: JsonObject, form: string, at: () => string): string {
  if (typeof text !== "string") throw notText("text", text, form, at);
  return text;
}

const notText = (name: string, value: unknown, form: string, at: () => string): PropriaError =>
  new PropriaError("JSON_LINE", value === undefined ? `no "${name}"` : `"${name}" is no text`, {
    at: at(),
    mend: `a line is ${form}`,
  });
