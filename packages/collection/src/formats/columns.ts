/** Lines of columns apart by spaces or tabs, as TREC's files have them. */
import { readLines } from "../lines.ts";

/** The fields of a line, and what tells its place for errors: `dev.qrels:42`. */
export interface Columns {
  fields: string[];
  at: () => string;
}

/** The fields of each line, some lines at a time; empty lines and those that begin with `#` are left out, as in trec_eval 10. */
export async function* columnsOf(path: string): AsyncGenerator<Columns[]> {
  for await (const { lines, firstNumber } of readLines(path)) {
    const columns: Columns[] = [];
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!.trim();
      if (line === "" || line.startsWith("#")) continue;
      columns.push({ fields: line.split(/\s+/), at: () => `${path}:${firstNumber + i}` });
    }
    yield columns;
  }
}

/** Calls `use` with the fields of each line. */
export async function readColumns(path: string, use: (fields: string[], at: () => string) => void): Promise<void> {
  for await (const columns of columnsOf(path)) for (const { fields, at } of columns) use(fields, at);
}

/** True for text that would not come back as one field. */
export const isNoField = (text: string): boolean => text === "" || /\s/.test(text) || text.startsWith("#");
