/** Flags that say what a word is. */
import { readStopWords, stopWordList } from "@propria/tokenizer";
import { given } from "../program/given.ts";
import { choice, type Flags, text, toggle, type Values } from "./flag.ts";

/** Words to leave out, by the name of a list or in a file. */
export const stopWordFlag = (about: string, usual: string) =>
  text("NAME|FILE", `${about}: lucene, english, chinese, none, or a file with one a line; default: ${usual}`);

/** How texts are cut into words. */
export const wordFlags = {
  stem: toggle("Porter's stems in place of words"),
  stopwords: stopWordFlag("words to leave out", "lucene"),
  wordPattern: text("REGEX", "what a word is, in lower-cased text; default: [a-z0-9]+"),
  segment: choice(
    ["pattern", "chinese"],
    "chinese: the words of ICU's dictionary, in place of a pattern's; default: pattern",
  ),
} as const satisfies Flags;

const LISTS = ["lucene", "english", "chinese", "none"] as const;

/** The words of a list or a file. @throws {PropriaError} `STOP_WORD_FILE`. */
export async function stopWordsOf(nameOrFile: string): Promise<ReadonlySet<string>> {
  const named = LISTS.find((name) => name === nameOrFile);
  if (named === undefined) return readStopWords(nameOrFile);
  return named === "none" ? new Set() : stopWordList(named);
}

/** As the packages take them. @throws {PropriaError} `STOP_WORD_FILE`. */
export async function wordSettingsOf({ stem, stopwords, wordPattern, segment }: Values<typeof wordFlags>) {
  const named = LISTS.find((name) => name === stopwords);
  const stopWords = named ?? (stopwords === undefined ? undefined : [...(await readStopWords(stopwords))].sort());
  return { stem, ...given({ stopWords, pattern: wordPattern, segment }) };
}
