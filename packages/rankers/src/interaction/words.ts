/** Texts to words, as a model reads them. */
import { PropriaError } from "@propria/base";
import { type Analyzer, analyzer, chineseWords, stopWordList } from "@propria/tokenizer";
import { type WordOptions, wordSettings } from "./config.ts";

/** Cuts texts into words. @throws {PropriaError} `OPTION_INVALID` for a pattern that is no regular expression. */
export function wordsBy(options: WordOptions = {}): Analyzer {
  const { stem, stopWords: listed, pattern, segment } = wordSettings.parse(options);
  const stopWords = Array.isArray(listed) ? new Set(listed) : listed;
  if (segment === "pattern") return analyzer({ stem, stopWords, pattern: expression(pattern) });
  const left = typeof stopWords !== "string" ? stopWords : stopWords === "none" ? new Set() : stopWordList(stopWords);
  return (text) => chineseWords(text).filter((word) => !left.has(word));
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (cause) {
    throw new PropriaError("OPTION_INVALID", (cause as Error).message, { at: "words: pattern", cause });
  }
}
