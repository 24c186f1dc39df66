/** Lines of columns apart by spaces or tabs, as TREC's files have them. */
import { readLines } from "../lines.ts";

/**
 * The fields of each line; empty lines and those that begin with `#` are left out, as in trec_eval 10.
 *
 * @param use Gets the fields, and a function that tells the place for errors: `dev.qrels:42`.
 */
export async function readColumns(path: string, use: (fields: string[], at: () => string) => void): Promise<void> {
  for await (const { lines, firstNumber } of readLines(path)) {
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!.trim();
      if (line !== "" && !line.startsWith("#")) use(line.split(/\s+/), () => `${path}:${firstNumber + i}`);
    }
  }
}

/** True for text that would not come back as one field. */
export const isNoField = (text: string): boolean => text === "" || /\s/.test(text) || text.startsWith("#");
