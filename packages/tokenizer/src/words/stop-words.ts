/// <reference path="../stopword.d.ts" />
import { readFile } from "node:fs/promises";
import { PropriaError } from "@propria/base";
import { eng } from "stopword";

/**
 * - `"lucene"`: the 33 words of Lucene's `EnglishAnalyzer`, which most published BM25 numbers leave out.
 * - `"english"`: the English list of the npm package `stopword`. It stands in for the 418 words of INQUERY that
 *   PROP's paper names, which no package holds; whoever has INQUERY's list gives it as a file.
 */
export type StopWordListName = "lucene" | "english";

const LUCENE =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with";

/** The stop words of a named list, lower-cased. */
export function stopWordList(name: StopWordListName): ReadonlySet<string> {
  switch (name) {
    case "lucene":
      return new Set(LUCENE.split(" "));
    case "english":
      return new Set(eng);
    default:
      throw new PropriaError("STOP_WORD_LIST", `no stop word list ${JSON.stringify(name)}`, {
        mend: 'known: "lucene", "english"; or give a file',
      });
  }
}

/**
 * A user's own list: UTF-8, one word a line, lower-cased here; a line that begins with `#` is a comment.
 *
 * @throws {PropriaError} `STOP_WORD_FILE` when it cannot be read or holds more than one word on a line.
 */
export async function readStopWords(path: string): Promise<ReadonlySet<string>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new PropriaError("STOP_WORD_FILE", "cannot read the stop words", {
      at: path,
      mend: (cause as Error).message,
      cause,
    });
  }
  const words = new Set<string>();
  for (const [index, line] of text.split("\n").entries()) {
    const word = line.trim().toLowerCase();
    if (word === "" || word.startsWith("#")) continue;
    if (/\s/.test(word)) {
      throw new PropriaError("STOP_WORD_FILE", "expected one word", {
        at: `${path}:${index + 1}`,
        mend: "write one word a line",
      });
    }
    words.add(word);
  }
  return words;
}
