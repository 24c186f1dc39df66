/** One JSON object a line. */
import { PropriaError } from "@propria/base";
import { readLines } from "../lines.ts";

/** A line's object. */
export type JsonObject = Readonly<Record<string, unknown>>;

const SHOWN_CHARACTERS = 40;

/**
 * What `read` makes of each line's object. A line that is empty, cut off or no JSON object is an error with its number.
 *
 * @param read  Gets the object, and a function that tells the place for errors: `corpus.jsonl:17`.
 * @param form  How a line looks, for errors: `{"_id": …, "text": …}`.
 * @throws {PropriaError} `JSON_LINE`, and those of `readLines`.
 */
export async function* jsonLines<T>(
  path: string,
  form: string,
  read: (value: JsonObject, at: () => string) => T,
): AsyncGenerator<T> {
  for await (const { lines, firstNumber, endsOpen } of readLines(path)) {
    for (let i = 0; i < lines.length; i++) {
      const at = () => `${path}:${firstNumber + i}`;
      const cut = endsOpen && i === lines.length - 1;
      yield read(parse(lines[i]!, cut, form, at), at);
    }
  }
}

function parse(line: string, cut: boolean, form: string, at: () => string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new PropriaError("JSON_LINE", whatIsWrong(line, cut), { at: at(), mend: `a line is ${form}`, cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PropriaError("JSON_LINE", `expected an object, found ${excerpt(line)}`, {
      at: at(),
      mend: `a line is ${form}`,
    });
  return value as JsonObject;
}

function whatIsWrong(line: string, cut: boolean): string {
  if (line.trim() === "") return "the line is empty";
  if (cut) return `the line is cut off: the file ends after ${excerpt(line.slice(-SHOWN_CHARACTERS))}`;
  return `expected a JSON object, found ${excerpt(line)}`;
}

const excerpt = (text: string): string =>
  JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
